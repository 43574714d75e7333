import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../src/model/event.ts';
import type { Driver } from '../../src/model/ports.ts';
import { plan } from '../support/plan.ts';
import { RunRig } from '../support/run-rig.ts';

const HANDLE = { kind: 'process', pid: 1, startTime: '0', bootId: '' } as const;

test('that a short task runs is kept in one batch with its end and the next start, and each start stands before what follows', async () => {
  const batches: RunEvent['type'][][] = [];
  const quick: Driver = {
    type: 'scripted',
    templates: {},
    validate: () => [],
    run: async (_job, io) => {
      void io.started(HANDLE);
      return { kind: 'exited', code: 0 };
    },
  };
  const rig = new RunRig(plan([{ name: 'a' }, { name: 'b', after: { a: 'success' } }]), {
    ports: {
      patienceMs: 5,
      drivers: new Map([[quick.type, quick]]),
      commit: (events) => void batches.push(events.map(({ type }) => type)),
    },
  });
  await rig.end;
  assert.deepEqual(batches, [
    ['run-created', 'run-started', 'task-queued', 'task-starting'],
    ['task-running', 'task-ended', 'task-queued', 'task-starting'],
    ['task-running', 'task-ended'],
    ['run-ended'],
  ]);
});
