import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FireOutcome } from '../../../src/engine/admission/wish.ts';
import { manualWish, occasionWish } from '../../../src/engine/admission/wish.ts';
import { MANUAL_FIRING } from '../../../src/model/manual-firing.ts';
import type { AuditRecord } from '../../../src/model/state-store.ts';
import type { Occasion } from '../../../src/model/trigger.ts';
import type { Concurrency, Workflow } from '../../../src/model/workflow.ts';
import { compileText } from '../../../src/template/compile.ts';
import { plan } from '../../support/plan.ts';
import { SchedulerRig, type SchedulerRigOptions } from '../../support/scheduler-rig.ts';
import { exited } from '../../support/world.ts';

const AUDIT: AuditRecord = { at: 0, actor: 'cli', action: 'pause', subject: '', result: 'ok' };

function rigOf(t: TestContext, options: SchedulerRigOptions = {}): SchedulerRig {
  const rig = new SchedulerRig(options);
  t.after(() => rig.remove());
  return rig;
}

function workflow(id: string, rest: Partial<Workflow> = {}): Workflow {
  return plan([{ name: 'a' }], { id, ...rest });
}

function concurrency(rest: Partial<Concurrency>): Partial<Workflow> {
  return { concurrency: { group: 'g', limit: 1, onConflict: 'queue', ...rest } };
}

function idOf({ run }: FireOutcome): string {
  return run?.header.id ?? assert.fail('no run was made');
}

function decisionOf({ firing }: FireOutcome): string {
  return `${firing.decision}/${firing.reason}: ${firing.message}`;
}

/** Ends what runs, one run after the other, until nothing is left; gives the ids in the order they ran. */
async function drainOf(rig: SchedulerRig, count: number): Promise<string[]> {
  const order: string[] = [];
  while (order.length < count) {
    await rig.world.until(() => rig.world.alive.length > 0);
    const { job } = rig.world.alive[0] ?? assert.fail();
    rig.world.end('a', exited(0), job.runId);
    order.push((await rig.ended(job.runId)).header.id);
  }
  return order;
}

test('a paused workflow is skipped by its triggers and still runs by hand; a paused daemon runs nothing new', async (t) => {
  const rig = rigOf(t);
  const ci = workflow('ci');
  await rig.scheduler.setPaused('ci', true, AUDIT);
  assert.equal(decisionOf(await rig.scheduler.fire(rig.slot(ci, 's1'))), 'skipped/paused: the workflow is paused');
  idOf(await rig.scheduler.fire(rig.wish(ci)));
  await rig.scheduler.setPaused(null, true, AUDIT);
  assert.equal(decisionOf(await rig.scheduler.fire(rig.wish(ci))), 'skipped/paused: the daemon is paused');
  const later = rig.daemon();
  assert.equal(decisionOf(await later.fire(rig.wish(ci))), 'skipped/paused: the daemon is paused');
  await later.setPaused(null, false, AUDIT);
  idOf(await later.fire(rig.wish(ci)));
  assert.equal((await rig.state.audits({ limit: 9 })).length, 3);
});

test('a pause of everything holds the runs that wait, and they go on after it', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1 } });
  const [first, second] = await rig.scheduler.decide({
    wishes: [workflow('x'), workflow('y')].map((w) => rig.wish(w)),
  });
  await rig.scheduler.setPaused(null, true, AUDIT);
  await rig.world.until(() => rig.world.alive.length === 1);
  rig.world.end('a');
  await rig.scheduler.idle();
  assert.deepEqual([rig.record(idOf(first ?? assert.fail())).status, rig.scheduler.queued], ['success', 1]);
  await rig.scheduler.setPaused(null, false, AUDIT);
  assert.deepEqual(await drainOf(rig, 1), [idOf(second ?? assert.fail())]);
});

test('while it drains nothing new begins, and the runs that wait are left to the next daemon', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1 } });
  const ci = workflow('ci');
  const [first, second] = await rig.scheduler.decide({ wishes: [rig.wish(ci), rig.wish(ci)] });
  rig.scheduler.drain();
  assert.equal(decisionOf(await rig.scheduler.fire(rig.wish(ci))), 'skipped/paused: the daemon is draining');
  const idle = rig.scheduler.idle();
  await rig.world.until(() => rig.world.alive.length === 1);
  rig.world.end('a');
  await idle;
  assert.equal(rig.record(idOf(first ?? assert.fail())).status, 'success');
  assert.equal(rig.record(idOf(second ?? assert.fail())).status, 'queued');
  assert.deepEqual(await rig.daemon().recover(), { running: 0, queued: 1 });
  assert.deepEqual(await drainOf(rig, 1), [idOf(second ?? assert.fail())]);
});

test('a workflow that cannot run, a full disk and inputs nobody chose are recorded with their reason', async (t) => {
  const rig = rigOf(t);
  const broken = await rig.scheduler.fire(manualWish({ id: 'bad', problem: 'bad.yml:1:1: broken' }, 'cli'));
  assert.equal(decisionOf(broken), 'skipped/invalid: bad.yml:1:1: broken');
  const input = { name: 'to', type: 'string', description: '', values: null, default: null, required: true } as const;
  const entry = { kind: 'cron', identity: 'cron:1', spec: {} };
  const verdict = { kind: 'fire', firing: MANUAL_FIRING, withSecrets: true } as const;
  const occasion: Occasion = { key: 'k', dueAt: 0, verdict, count: 1, overlap: 'skip' };
  const wanting = workflow('wanting', { inputs: new Map([['to', input]]) });
  const wish = occasionWish(wanting, entry, occasion, 'schedule');
  assert.match(decisionOf(await rig.scheduler.fire(wish)), /^skipped\/invalid: input "to" is required/);
  rig.full = 'the disk is nearly full';
  assert.equal(
    decisionOf(await rig.scheduler.fire(rig.wish(workflow('ci')))),
    'skipped/disk-full: the disk is nearly full',
  );
  assert.deepEqual(
    rig.firings.map(({ reason }) => reason),
    ['invalid', 'invalid', 'disk-full'],
  );
});

test('what a trigger refused is recorded as it says, with the new watermark, in one batch', async (t) => {
  const rig = rigOf(t);
  const entry = { kind: 'cron', identity: 'cron:1', spec: {} };
  const verdict = { kind: 'skip', reason: 'missed', message: 'the daemon was down' } as const;
  const wish = occasionWish(
    workflow('ci'),
    entry,
    { key: 'k', dueAt: 5, verdict, count: 3, overlap: 'skip' },
    'schedule',
  );
  const state = { activatedAt: 1, watermark: 5 };
  const [outcome] = await rig.scheduler.decide({
    wishes: [wish],
    triggerStates: [{ workflow: 'ci', trigger: 'cron:1', state }],
  });
  assert.equal(decisionOf(outcome ?? assert.fail()), 'skipped/missed: the daemon was down');
  assert.deepEqual([outcome?.firing.count, outcome?.firing.dueAt], [3, 5]);
  assert.deepEqual(rig.state.triggerState('ci', 'cron:1'), state);
});

test('of the wishes of one delivery each is decided, and the delivery keeps the runs', async (t) => {
  const rig = rigOf(t);
  const delivery = { source: 'github', id: 'd', event: 'push', bodyHash: 'h', at: 0 };
  const wishes = ['x', 'y'].map((id) => rig.slot(workflow(id), 'd', { overlap: 'allow' }));
  const outcomes = await rig.scheduler.decide({ wishes, delivery });
  assert.deepEqual(rig.state.delivery('github', 'd')?.runs, outcomes.map(idOf));
});

test('overlap: allow runs side by side; queue waits for every earlier run of the workflow, across a restart too', async (t) => {
  const rig = rigOf(t);
  const ci = workflow('ci');
  const wishes = [rig.wish(ci), rig.slot(ci, '1', { overlap: 'allow' }), rig.slot(ci, '2', { overlap: 'queue' })];
  const [first, second, third] = (await rig.scheduler.decide({ wishes })).map(idOf);
  await rig.world.until(() => rig.world.alive.length === 2);
  await rig.until(() => [first, second].every((id) => rig.history(id ?? '').includes('a task-running')));
  await rig.scheduler.stop('detach');
  await rig.daemon().recover();
  rig.world.end('a', exited(0), second);
  await rig.ended(second ?? '');
  assert.equal(rig.record(third ?? '').status, 'queued');
  rig.world.end('a', exited(0), first);
  await rig.world.until(() => rig.world.alive.some(({ job }) => job.runId === third));
  assert.equal(rig.world.peak, 2);
});

test('a concurrency group lets its limit run, whatever the workflow, and queues the others in order', async (t) => {
  const rig = rigOf(t);
  const [x, y] = [workflow('x', concurrency({ limit: 2 })), workflow('y', concurrency({ limit: 2 }))];
  const outcomes = await rig.scheduler.decide({ wishes: [x, y, x, y, x].map((each) => rig.wish(each)) });
  await rig.world.until(() => rig.world.alive.length === 2);
  assert.deepEqual(await drainOf(rig, 5), outcomes.map(idOf));
  assert.equal(rig.world.peak, 2);
});

test('a group is rendered for each run; runs of other groups are not held up', async (t) => {
  const rig = rigOf(t);
  const group = compileText('deploy-{{ inputs.to }}').value ?? assert.fail();
  const deploy = workflow('deploy', concurrency({ group }));
  const wishes = ['a', 'b', 'a'].map((to) => rig.wish(deploy, { inputs: { to } }));
  const outcomes = await rig.scheduler.decide({ wishes });
  await rig.world.until(() => rig.world.alive.length === 2);
  assert.deepEqual(
    outcomes.map(({ run }) => run?.group),
    ['deploy-a', 'deploy-b', 'deploy-a'],
  );
  assert.deepEqual([rig.scheduler.running, rig.scheduler.queued], [2, 1]);
  const bad = await rig.scheduler.fire(rig.wish(deploy));
  assert.match(decisionOf(bad), /^skipped\/invalid: concurrency\.group: /);
});

test('on_conflict: skip records the run in the way', async (t) => {
  const rig = rigOf(t);
  const x = workflow('x', concurrency({ onConflict: 'skip' }));
  const [first, second] = await rig.scheduler.decide({ wishes: [rig.wish(x), rig.wish(x)] });
  assert.equal(decisionOf(second ?? assert.fail()), 'skipped/overlap: concurrency group "g" has no room');
  assert.equal(second?.firing.run, idOf(first ?? assert.fail()));
});

test('on_conflict: cancel_running ends what runs or waits in the group, once, and starts after it', async (t) => {
  const rig = rigOf(t);
  const tasks = [{ name: 'a' }, { name: 'cleanup', after: { a: 'always' } }] as const;
  const x = plan(tasks, { id: 'x', ...concurrency({ onConflict: 'cancel_running' }) });
  const first = idOf(await rig.scheduler.fire(rig.wish(x)));
  await rig.world.until(() => rig.world.alive.length === 1);
  const second = idOf(await rig.scheduler.fire(rig.wish(x)));
  const third = idOf(await rig.scheduler.fire(rig.wish(x)));
  const waited = await rig.ended(second);
  assert.deepEqual([waited.status, waited.reason, waited.startedAt], ['cancelled', 'superseded', null]);
  // Cancelled once, it may clean up.
  await rig.world.until(() => rig.world.alive.some(({ job }) => job.task === 'cleanup'));
  assert.equal(rig.record(third).status, 'queued');
  rig.world.end('cleanup');
  const ended = await rig.ended(first);
  assert.deepEqual([ended.status, ended.reason], ['cancelled', 'superseded']);
  await rig.world.until(() => rig.world.alive.some(({ job }) => job.runId === third));
});

test('the queue is bounded: beyond it a wish is refused, and a run that ends makes room', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1, queueLimit: 2 } });
  const ci = workflow('ci');
  const outcomes = await rig.scheduler.decide({ wishes: [1, 2, 3, 4].map(() => rig.wish(ci)) });
  assert.deepEqual(
    outcomes.map(({ firing }) => firing.reason),
    [null, null, null, 'limit'],
  );
  await drainOf(rig, 1);
  await rig.world.until(() => rig.world.alive.length === 1);
  idOf(await rig.scheduler.fire(rig.wish(ci)));
  assert.equal((await rig.scheduler.fire(rig.wish(ci))).firing.reason, 'limit');
  assert.deepEqual(
    outcomes.map(({ run }) => run?.header.number),
    [1, 2, 3, undefined],
  );
});

test('what comes again is not decided by a limit: it fires once there is room', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1, queueLimit: 1 } });
  const ci = workflow('ci');
  const wish = (key: string) => rig.slot(ci, key, { overlap: 'allow' });
  await rig.scheduler.decide({ wishes: [wish('one'), wish('two')] });
  const decide = async () => (await rig.scheduler.decide({ wishes: [wish('three')], comesAgain: true }))[0];
  const full = await decide();
  assert.deepEqual([full?.firing.reason, full?.firing.key, full?.run], ['limit', null, null]);
  await drainOf(rig, 1);
  await rig.world.until(() => rig.world.alive.length === 1);
  const fired = await decide();
  assert.deepEqual([fired?.firing.decision, fired?.firing.key], ['fired', 'three']);
  assert.equal((await decide())?.isDuplicate, true);
});

test('who waits for too long is cancelled for that reason, the time before a restart included', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1, queueTimeoutMs: 10_000 } });
  const ci = workflow('ci');
  const [first, second] = (await rig.scheduler.decide({ wishes: [rig.wish(ci), rig.wish(ci)] })).map(idOf);
  await rig.until(() => rig.history(first ?? '').includes('a task-running'));
  rig.clock.advance(6_000);
  await rig.scheduler.stop('detach');
  await rig.daemon().recover();
  rig.clock.advance(3_999);
  assert.equal(rig.record(second ?? '').endedAt, null);
  rig.clock.advance(1);
  const { status, reason } = await rig.ended(second ?? '');
  assert.deepEqual([status, reason], ['cancelled', 'queue_timeout']);
  assert.equal(rig.record(first ?? '').status, 'running');
});
