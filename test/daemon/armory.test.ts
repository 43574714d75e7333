import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogEntry } from '../../src/catalog/entry.ts';
import { Armory } from '../../src/daemon/armory.ts';
import type { TriggerBoard } from '../../src/daemon/trigger-board.ts';
import type { Workflow } from '../../src/model/workflow.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { loadPlan } from '../support/load-text.ts';

function entry(workflow: Workflow | null, state: CatalogEntry['state'] = 'good'): CatalogEntry {
  return { id: 'test', file: 'test.yml', state, workflow, diagnostics: [] };
}

function rig() {
  const clock = new FakeClock();
  const done: string[] = [];
  const failures: unknown[] = [];
  let problem: Error | null = null;
  const act = (what: string) => async (): Promise<void> => {
    if (problem) throw problem;
    done.push(what);
  };
  const board = {
    arm: (workflow: Workflow) => act(`arm ${workflow.tasks[0]?.name}`)(),
    disarm: (id: string) => act(`disarm ${id}`)(),
  } as unknown as TriggerBoard;
  const armory = new Armory(board, clock, (_id, error) => void failures.push(error));
  const break_ = (error: Error | null): void => {
    problem = error;
  };
  return { clock, armory, done, failures, break_ };
}

const plan = (name: string) => loadPlan(`taskGroup: [{ name: ${name}, run: "true" }]`);

test('good versions are armed in order, a file that goes is disarmed', async () => {
  const { armory, done } = rig();
  const [one, two] = [entry(await plan('one')), entry(await plan('two'))];
  armory.take({ kind: 'changed', id: 'test', previous: null, current: one });
  await armory.settled();
  armory.take({ kind: 'changed', id: 'test', previous: one, current: two });
  await armory.settled();
  armory.take({ kind: 'removed', id: 'test', previous: two });
  await armory.settled();
  assert.deepEqual(done, ['arm one', 'arm two', 'disarm test']);
});

test('a broken edit changes nothing', async () => {
  const { armory, done } = rig();
  const good = entry(await plan('one'));
  armory.take({ kind: 'changed', id: 'test', previous: good, current: { ...good, state: 'stale' } });
  armory.take({ kind: 'changed', id: 'test', previous: null, current: entry(null, 'invalid') });
  armory.take({ kind: 'degraded', reason: 'gone' });
  await armory.settled();
  assert.deepEqual(done, []);
});

test('what could not be written is tried again, unless the file has changed since', async () => {
  const { clock, armory, done, failures, break_ } = rig();
  const [one, two] = [entry(await plan('one')), entry(await plan('two'))];
  break_(new Error('no space left'));
  armory.take({ kind: 'changed', id: 'test', previous: null, current: one });
  await armory.settled();
  assert.equal(failures.length, 1);
  break_(null);
  armory.take({ kind: 'changed', id: 'test', previous: one, current: two });
  await armory.settled();
  clock.advance(60_000);
  await armory.settled();
  assert.deepEqual(done, ['arm two']);
});

test('what still cannot be written is tried until it can', async () => {
  const { clock, armory, done, failures, break_ } = rig();
  break_(new Error('no space left'));
  armory.take({ kind: 'changed', id: 'test', previous: null, current: entry(await plan('one')) });
  await armory.settled();
  clock.advance(5_000);
  await armory.settled();
  break_(null);
  clock.advance(5_000);
  await armory.settled();
  assert.equal(failures.length, 2);
  assert.deepEqual(done, ['arm one']);
});
