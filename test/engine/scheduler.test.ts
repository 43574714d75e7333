import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { plan } from '../support/plan.ts';
import { SchedulerRig, type SchedulerRigOptions } from '../support/scheduler-rig.ts';
import { exited, World } from '../support/world.ts';

const ONE = [{ name: 'a' }];

function rigOf(t: TestContext, options: SchedulerRigOptions = {}): SchedulerRig {
  const rig = new SchedulerRig(options);
  t.after(() => rig.remove());
  return rig;
}

/** A workflow of one task that anybody may end. */
function workflow(id: string, rest: Parameters<typeof plan>[1] = {}) {
  return plan(ONE, { id, name: id, ...rest });
}

test('a wish makes a run that is durable before anything starts, and runs to its end', async (t) => {
  const rig = rigOf(t);
  const { firing, run } = await rig.scheduler.fire(rig.wish(workflow('ci'), { inputs: { channel: 'beta' } }));
  assert.deepEqual([firing.decision, firing.run, run?.header.number], ['fired', run?.header.id, 1]);
  const id = run?.header.id ?? '';
  await rig.world.until(() => rig.world.alive.length === 1);
  assert.equal(rig.record(id).status, 'running');
  rig.world.end('a');
  const record = await rig.ended(id);
  assert.deepEqual([record.status, record.header.inputs], ['success', { channel: 'beta' }]);
  assert.deepEqual(rig.history(id), [
    'run-created',
    'run-started',
    'a task-queued',
    'a task-starting',
    'a task-running',
    'a task-ended',
    'run-ended',
  ]);
  assert.deepEqual(rig.broken, []);
});

test('an occasion is decided once, also within one call and after a restart', async (t) => {
  const rig = rigOf(t, { world: new World(() => ({ exit: exited(0) })) });
  const ci = workflow('ci');
  const [first, second] = await rig.scheduler.decide({ wishes: [rig.slot(ci, 's1'), rig.slot(ci, 's1')] });
  assert.equal(second?.isDuplicate, true);
  assert.deepEqual(second?.firing, first?.firing);
  await rig.ended(first?.run?.header.id ?? '');
  await rig.scheduler.stop('detach');
  const again = await rig.daemon().fire(rig.slot(ci, 's1'));
  assert.deepEqual([again.isDuplicate, again.firing], [true, first?.firing]);
  assert.equal(rig.firings.length, 1);
  assert.equal(rig.world.starts.length, 1);
});

test('a schedule does not overlap itself: of 300 wishes at once one runs, the others name it', async (t) => {
  const rig = rigOf(t);
  const ci = workflow('ci');
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, (_, slot) => rig.scheduler.fire(rig.slot(ci, `s${slot}`))),
  );
  const ran = outcomes.filter(({ run }) => run !== null);
  assert.equal(ran.length, 1);
  const skipped = outcomes.filter(({ firing }) => firing.reason === 'overlap' && firing.run === ran[0]?.run?.header.id);
  assert.equal(skipped.length, 299);
});

test('runs beyond max_runs wait, in order within a workflow, while workflows take turns', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1 } });
  const [a, b] = [workflow('a'), workflow('b')];
  const wishes = [a, a, a, b, b].map((each) => rig.wish(each));
  const outcomes = await rig.scheduler.decide({ wishes });
  const order: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    await rig.world.until(() => rig.world.alive.length === 1);
    const { job } = rig.world.alive[0] ?? assert.fail();
    order.push(`${job.workflow}${rig.record(job.runId).header.number}`);
    rig.world.end('a');
    await rig.ended(job.runId);
  }
  assert.equal(outcomes.length, 5);
  assert.deepEqual(order, ['a1', 'a2', 'b1', 'a3', 'b2']);
  assert.equal(rig.world.peak, 1);
});

test('a run that waits is durable: a new daemon starts it in its order', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1 } });
  const ci = workflow('ci');
  const made = await rig.scheduler.decide({ wishes: [rig.wish(ci), rig.wish(ci), rig.wish(ci)] });
  await rig.world.until(() => rig.world.alive.length === 1);
  await rig.until(() => rig.history(made[0]?.run?.header.id ?? '').includes('a task-running'));
  await rig.scheduler.stop('detach');
  assert.deepEqual(await rig.daemon().recover(), { running: 1, queued: 2 });
  for (const { run } of made) {
    await rig.world.until(() => rig.world.alive.length === 1);
    assert.equal(rig.world.alive[0]?.job.runId, run?.header.id);
    rig.world.end('a');
    assert.equal((await rig.ended(run?.header.id ?? '')).status, 'success');
  }
  assert.equal(rig.world.starts.length, 3);
});

test('a run that waits is cancelled without starting anything, its always tasks included', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1 } });
  const tasks = [{ name: 'a' }, { name: 'cleanup', after: { a: 'always' } }] as const;
  const ci = plan(tasks, { id: 'ci' });
  const [first, second] = await rig.scheduler.decide({ wishes: [rig.wish(ci), rig.wish(ci)] });
  const id = second?.run?.header.id ?? '';
  assert.equal(await rig.scheduler.cancel(id), 'cancelled');
  const { status, reason, endedAt } = rig.record(id);
  assert.deepEqual([status, reason, endedAt], ['cancelled', 'user', 0]);
  assert.deepEqual(rig.history(id), [
    'run-created',
    'cancel-requested',
    'a task-ended',
    'cleanup task-ended',
    'run-ended',
  ]);
  assert.equal(await rig.scheduler.cancel(id), 'ended');
  rig.world.end('a', exited(0), first?.run?.header.id);
  await rig.world.until(() => rig.world.alive.some(({ job }) => job.task === 'cleanup'));
});

test('a cancel is durable before anything is ended, and goes on in the next daemon', async (t) => {
  const rig = rigOf(t);
  await rig.scheduler.stop('detach');
  const died = new Promise<void>((resolve) => {
    // The commits: the run, its start, that it runs, the cancel.
    rig.daemon((commit) => (commit === 4 ? 'kept' : 'ok'), resolve);
  });
  const { run } = await rig.scheduler.fire(rig.wish(workflow('ci')));
  const id = run?.header.id ?? '';
  await rig.until(() => rig.history(id).includes('a task-running'));
  void rig.scheduler.cancel(id);
  await died;
  assert.equal(rig.world.alive.length, 1);
  await rig.daemon().recover();
  const record = await rig.ended(id);
  assert.deepEqual([record.status, record.reason, rig.world.alive.length], ['cancelled', 'user', 0]);
});
