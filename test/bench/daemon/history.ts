import { openState } from '../../../src/daemon/open-state.ts';
import type { RunEvent } from '../../../src/model/event.ts';
import type { RunHeader } from '../../../src/model/run.ts';
import type { RunRecord, StateStore } from '../../../src/model/state-store.ts';
import { createStateStore } from '../../../src/store/state-store.ts';
import { runId } from '../../../src/util/run-id.ts';
import { sha256 } from '../../../src/util/sha256.ts';
import type { DaemonSandbox } from '../../support/daemon.ts';
import type { Row } from '../report.ts';
import { median } from '../statistics.ts';
import { rssMb, withSandbox } from './rig.ts';

const OLD_RUNS = 100_000;
const UNFINISHED = 1_000;
const WORKFLOWS = 200;
const AT_ONCE = 500;
const STARTS = 5;
const HOUR_MS = 3_600_000;

const TEXT = `taskGroup:
  - { name: before, run: "true" }
  - { name: interrupted, run: sleep 60, depends_on: before }
  - { name: after, run: "true", depends_on: [{ task: interrupted, when: always }] }
`;

/** What a past costs at the start: many runs that are over, and many that are not. */
export async function benchHistory(row: Row): Promise<void> {
  await withSandbox((sandbox) => oldRuns(sandbox, row));
  await withSandbox((sandbox) => unfinishedRuns(sandbox, row));
}

async function oldRuns(sandbox: DaemonSandbox, row: Row): Promise<void> {
  for (let index = 0; index < WORKFLOWS; index++) sandbox.write(`w${index}`, TEXT);
  await startSeconds(sandbox);
  const empty = await manyStarts(sandbox);
  await remember(sandbox, OLD_RUNS, (state, record, events) => {
    return state.createRun(record, events).updateRun(record).setRunSize(record.header.id, 1000);
  });
  await startSeconds(sandbox);
  const full = await manyStarts(sandbox);
  row('start with an empty store, s', empty, '–');
  row('start with 100,000 old runs, s', full, 'the same');
  row('of it, beyond the empty store, s', full - empty, '≤ 0.1');
  const daemon = await sandbox.start();
  row('daemon with 100,000 old runs, MB', rssMb(daemon.pid), '–');
}

async function unfinishedRuns(sandbox: DaemonSandbox, row: Row): Promise<void> {
  for (let index = 0; index < WORKFLOWS; index++) sandbox.write(`w${index}`, TEXT);
  await startSeconds(sandbox);
  const empty = await manyStarts(sandbox);
  await remember(sandbox, UNFINISHED, (state, record, events) => {
    return state.createRun({ ...record, status: 'running', endedAt: null }, events.slice(0, -2));
  });
  const begin = performance.now();
  const daemon = await sandbox.start();
  row('recovery of 1,000 unfinished runs, s', (performance.now() - begin) / 1000 - empty, '≤ 5');
  for (;;) {
    const { body } = await daemon.ask('GET', '/api/v1/runs?limit=1&status=running');
    const queued = await daemon.ask('GET', '/api/v1/runs?limit=1&status=queued');
    const [open] = [...body.runs, ...queued.body.runs];
    if (!open) break;
    await daemon.wait(open.id);
  }
  row('and until the last of them has ended, s', (performance.now() - begin) / 1000 - empty, '–');
}

async function manyStarts(sandbox: DaemonSandbox): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < STARTS; round++) seconds.push(await startSeconds(sandbox));
  return median(seconds);
}

async function startSeconds(sandbox: DaemonSandbox): Promise<number> {
  const begin = performance.now();
  const daemon = await sandbox.start();
  const seconds = (performance.now() - begin) / 1000;
  await daemon.kill();
  return seconds;
}

type Batch = ReturnType<StateStore['batch']>;

/** Writes runs of the last days as a daemon would have. */
async function remember(
  sandbox: DaemonSandbox,
  count: number,
  add: (batch: Batch, record: RunRecord, events: readonly RunEvent[]) => Batch,
): Promise<void> {
  const umask = process.umask();
  const { database } = await openState(sandbox.stateDir);
  const state = createStateStore(database);
  const begin = Date.now() - 24 * HOUR_MS;
  for (let done = 0; done < count; done += AT_ONCE) {
    const batch = state.batch();
    for (let index = done; index < Math.min(count, done + AT_ONCE); index++) {
      const workflow = `w${index % WORKFLOWS}`;
      const definition = { workflow, file: `${workflow}.yml`, text: TEXT, hash: sha256(`${workflow}\n${TEXT}`) };
      const { record, events } = aRun(
        workflow,
        definition.hash,
        Math.floor(index / WORKFLOWS) + 1,
        begin + index * 100,
      );
      add(batch.keepDefinition(definition), record, events);
    }
    await batch.commit();
  }
  await database.close();
  process.umask(umask);
}

function aRun(
  workflow: string,
  definition: string,
  number: number,
  at: number,
): { readonly record: RunRecord; readonly events: readonly RunEvent[] } {
  const id = runId(at);
  const firing = { kind: 'manual', event: 'manual', action: '', repository: '', branch: '', tag: '', sha: '' };
  const header: RunHeader = {
    id,
    number,
    workflow,
    firing: { ...firing, sender: '', scheduledAt: '', payload: {} },
    inputs: {},
    only: null,
    createdAt: at,
  };
  const { firing: _firing, ...brief } = header;
  const record: RunRecord = {
    header: brief,
    trigger: { kind: 'manual', event: 'manual', branch: '', sender: '' },
    status: 'failed',
    reason: null,
    definition,
    group: null,
    env: {},
    withSecrets: true,
    initiator: 'api',
    firing: id,
    rerunOf: null,
    startedAt: at,
    endedAt: at + 90,
  };
  return { record, events: eventsOf(header) };
}

/** All events of a run; without the last two it stands at a task whose process is long gone. */
function eventsOf(run: RunHeader): readonly RunEvent[] {
  const at = run.createdAt;
  const success = { status: 'success', exitCode: 0, outputs: {}, cached: false } as const;
  const handle = { kind: 'process', pid: 2 ** 22, startTime: '1', bootId: 'long ago' } as const;
  return [
    { type: 'run-created', at, run },
    { type: 'run-started', at },
    { type: 'task-queued', at, task: 'before' },
    { type: 'task-starting', at, task: 'before', attempt: 1 },
    { type: 'task-running', at, task: 'before', attempt: 1, handle },
    { type: 'task-ended', at: at + 10, task: 'before', end: success },
    { type: 'task-queued', at: at + 10, task: 'interrupted' },
    { type: 'task-starting', at: at + 10, task: 'interrupted', attempt: 1 },
    { type: 'task-running', at: at + 10, task: 'interrupted', attempt: 1, handle },
    { type: 'task-ended', at: at + 90, task: 'interrupted', end: success },
    { type: 'run-ended', at: at + 90, status: 'failed', reason: null },
  ];
}
