import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MissingSecret } from '../../src/model/secret-store.ts';
import { plan } from '../support/plan.ts';
import { SchedulerRig, type SchedulerRigOptions } from '../support/scheduler-rig.ts';
import { exited } from '../support/world.ts';

const PAIR = plan([{ name: 'a' }, { name: 'b' }], { id: 'ci', name: 'ci', maxParallel: 1 });

const PAIR_AT_ONCE = plan([{ name: 'a' }, { name: 'b' }], { id: 'cd', name: 'cd' });

function rigOf(t: TestContext, options: SchedulerRigOptions = {}): SchedulerRig {
  const rig = new SchedulerRig(options);
  t.after(() => rig.remove());
  return rig;
}

/** A run whose first task runs when its daemon goes away. */
async function leftBehind(rig: SchedulerRig): Promise<string> {
  const { run } = await rig.scheduler.fire(rig.wish(PAIR));
  await rig.world.until(() => rig.world.alive.length === 1);
  await rig.scheduler.stop('detach');
  return run?.header.id ?? '';
}

test('runs that are given up end as lost, and nothing of them is started or left running', async (t) => {
  const rig = rigOf(t);
  const run = await leftBehind(rig);
  const next = rig.daemon();
  assert.equal(await next.giveUpAll('records are lost'), 1);
  assert.equal(rig.record(run).status, 'failed');
  const ends = rig.events.flatMap(({ event }) => (event.type === 'task-ended' ? [event.end] : []));
  for (const end of ends) assert.deepEqual(end, lost('records are lost'));
  assert.equal(ends.length, 2);
  assert.deepEqual(rig.abandoned, [run]);
  assert.deepEqual(await next.recover(), { running: 0, queued: 0 });
  assert.equal(rig.world.starts.length, 1);
});

test('a run that cannot be taken up, because its secrets are gone, leaves nothing running', async (t) => {
  let isDenied = false;
  const host = () => {
    if (isDenied) throw new MissingSecret('secret KEY is declared but not stored');
    return {};
  };
  const rig = rigOf(t, { host });
  const run = await leftBehind(rig);
  isDenied = true;
  await rig.daemon().recover();
  assert.equal((await rig.ended(run)).status, 'failed');
  const ends = rig.events.flatMap(({ event }) =>
    event.type === 'task-ended' && 'reason' in event.end ? [event.end] : [],
  );
  // One ran, nobody attends it; the other had not begun.
  assert.deepEqual(
    ends.map(({ reason }) => reason),
    ['lost', 'missing_secret'],
  );
  assert.deepEqual(rig.abandoned, [run]);
});

test('a run that meets a fault of our own ends as lost, leaves nothing running, and gives back its places', async (t) => {
  const retry = { attempts: 2, delayMs: 1, backoff: 1, maxDelayMs: 1, jitter: 0.5, on: ['exit_code'] };
  const faulty = plan([{ name: 'a' }, { name: 'b', retry }, { name: 'c' }], { id: 'ci', name: 'ci' });
  const host = ({ header }: { header: { number: number } }) => ({
    random: () => {
      if (header.number === 1) throw new Error('a bug');
      return 0;
    },
  });
  const rig = rigOf(t, { host, limits: { maxParallel: 2 } });
  const { run } = await rig.scheduler.fire(rig.wish(faulty));
  const id = run?.header.id ?? '';
  await rig.world.until(() => rig.world.alive.length === 2);
  rig.world.end('b', exited(1));
  assert.equal((await rig.ended(id)).status, 'failed');
  const ends = rig.events.flatMap(({ event }) => (event.type === 'task-ended' ? [event.end] : []));
  for (const end of ends) assert.deepEqual(end, lost('the run met an internal error: a bug'));
  assert.deepEqual([ends.length, rig.broken.length, rig.stuck.length], [3, 1, 0]);
  assert.deepEqual(rig.abandoned, [id]);
  const { run: next } = await rig.scheduler.fire(rig.wish(PAIR_AT_ONCE));
  await rig.world.until(() => rig.world.alive.filter(({ job }) => job.runId === next?.header.id).length === 2);
});

test('nor does one that this program cannot read any more', async (t) => {
  const rig = rigOf(t);
  const run = await leftBehind(rig);
  rig.outgrow(PAIR);
  await rig.daemon().recover();
  assert.equal((await rig.ended(run)).status, 'failed');
  assert.deepEqual(rig.abandoned, [run]);
});

function lost(message: string) {
  return { status: 'failed', reason: 'lost', exitCode: null, message, outputs: {} };
}
