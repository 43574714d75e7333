import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RunEvent } from '../../src/model/event.ts';
import type { Driver } from '../../src/model/ports.ts';
import { MissingSecret } from '../../src/model/secret-store.ts';
import type { Retry, Workflow } from '../../src/model/workflow.ts';
import { compileText } from '../../src/template/compile.ts';
import { SecretSet } from '../../src/util/mask/secret-set.ts';
import { plan } from '../support/plan.ts';
import { SchedulerRig, type SchedulerRigOptions } from '../support/scheduler-rig.ts';
import { exited, World } from '../support/world.ts';

const RETRY: Retry = {
  attempts: 2,
  delayMs: 10_000,
  backoff: 1,
  maxDelayMs: 60_000,
  jitter: 0,
  on: ['exit_code', 'lost'],
};

function rigOf(t: TestContext, options: SchedulerRigOptions = {}): SchedulerRig {
  const rig = new SchedulerRig(options);
  t.after(() => rig.remove());
  return rig;
}

/** Starts a run and waits until something is true of what has happened to it. */
async function begin(rig: SchedulerRig, workflow: Workflow, last: string): Promise<string> {
  const { run } = await rig.scheduler.fire(rig.wish(workflow));
  const id = run?.header.id ?? assert.fail();
  await rig.until(() => rig.history(id).includes(last));
  return id;
}

/** The daemon goes, leaving what runs; while nobody looks, something happens; another daemon comes. */
async function restart(rig: SchedulerRig, meanwhile: () => void = () => {}): Promise<void> {
  await rig.scheduler.stop('detach');
  meanwhile();
  rig.daemon();
  await rig.scheduler.recover();
}

async function endOf(rig: SchedulerRig, run: string, task: string) {
  await rig.ended(run);
  const events = await rig.state.events(run);
  const isEnd = (event: RunEvent) => event.type === 'task-ended' && event.task === task;
  const event = events.find(isEnd);
  return event?.type === 'task-ended' ? event.end : assert.fail();
}

test('a task that went on is attended to its end, one that ended meanwhile has its true end, and neither starts again', async (t) => {
  const rig = rigOf(t);
  const id = await begin(
    rig,
    plan([{ name: 'a' }, { name: 'b' }, { name: 'c', after: { b: 'failure' } }]),
    'b task-running',
  );
  await restart(rig, () => rig.world.end('b', exited(7)));
  await rig.world.until(() => rig.world.alive.some(({ job }) => job.task === 'c'));
  rig.world.end('c');
  rig.world.end('a');
  assert.equal((await endOf(rig, id, 'a')).status, 'success');
  const b = await endOf(rig, id, 'b');
  assert.deepEqual(b.status === 'failed' && [b.reason, b.exitCode], ['exit_code', 7]);
  assert.equal(rig.world.starts.length, 3);
  assert.deepEqual(rig.world.recoveries, [`${id}/a/1`, `${id}/b/1`]);
});

test('a task nobody knows the end of is lost, says what ran since when, and is not started again', async (t) => {
  const rig = rigOf(t);
  const id = await begin(rig, plan([{ name: 'a' }]), 'a task-running');
  await restart(rig, () => rig.world.forget('a'));
  const end = await endOf(rig, id, 'a');
  assert.deepEqual(end.status === 'failed' && [end.reason, end.message], [
    'lost',
    'it is gone (pid 1, since 1970-01-01T00:00:00.000Z)',
  ]);
  assert.equal(rig.world.starts.length, 1);
});

test('a lost task is tried again where the file says so', async (t) => {
  const rig = rigOf(t);
  const id = await begin(rig, plan([{ name: 'a', retry: RETRY }]), 'a task-running');
  await restart(rig, () => rig.world.forget('a'));
  await rig.until(() => rig.history(id).includes('a task-retrying'));
  rig.clock.advance(10_000);
  await rig.world.until(() => rig.world.alive.length === 1);
  rig.world.end('a');
  assert.equal((await endOf(rig, id, 'a')).status, 'success');
  assert.deepEqual(rig.world.starts, [`${id}/a/1`, `${id}/a/2`]);
});

const HANDLE = { kind: 'process', pid: 5, startTime: '1', bootId: 'b' } as const;

/** Starts what never ends, and knows of no way back to it. */
const FORGETFUL: Driver = {
  type: 'forgetful',
  templates: {},
  validate: () => [],
  run: async (_job, io) => {
    await io.started(HANDLE);
    return new Promise(() => {});
  },
};

test('a task is lost whose driver cannot take it up, is not there any more, or whose job cannot be rendered again', async (t) => {
  let isBack = false;
  const world = new World();
  const drivers = () =>
    new Map<string, Driver>([
      ['forgetful', FORGETFUL],
      ['scripted', world.driver(() => false)],
      ...(isBack ? [] : [['plugin', FORGETFUL] as const]),
    ]);
  const runtimeEnv = () => new Map(isBack ? [] : [['GIVEN', 'yes']]);
  const rig = rigOf(t, { world, host: () => ({ drivers: drivers(), runtimeEnv: runtimeEnv() }) });
  const given = compileText('{{ env.GIVEN }}').value;
  const tasks = [
    { name: 'a', type: 'forgetful' },
    { name: 'b', type: 'plugin' },
    { name: 'c', env: new Map([['C', given]]) },
  ];
  const id = await begin(rig, plan(tasks), 'c task-running');
  isBack = true;
  await restart(rig);
  const ends = await Promise.all(['a', 'b', 'c'].map((name) => endOf(rig, id, name)));
  const lost = ends.map((end) => (end.status === 'failed' && end.reason === 'lost' ? end.message : assert.fail()));
  assert.match(lost[0] ?? '', /^tasks of type "forgetful" cannot be taken up \(pid 5, since /);
  assert.match(lost[1] ?? '', /^no driver for type "plugin" is loaded \(pid 5, since /);
  assert.match(lost[2] ?? '', /^it cannot be described again: .*GIVEN.* \(pid 1, since /);
});

test('time limits go on from the recorded start', async (t) => {
  const rig = rigOf(t);
  const tasks = [{ name: 'a', timeoutMs: 10_000 }, { name: 'b' }];
  const id = await begin(rig, plan(tasks, { timeoutMs: 60_000 }), 'b task-running');
  rig.clock.advance(4_000);
  await restart(rig, () => rig.clock.advance(5_000));
  rig.clock.advance(999);
  assert.equal(rig.world.alive.length, 2);
  rig.clock.advance(1);
  await rig.world.until(() => rig.world.alive.length === 1);
  rig.clock.advance(50_000);
  assert.deepEqual(await endOf(rig, id, 'b').then((end) => 'reason' in end && end.reason), 'timed_out');
  assert.equal(rig.clock.now(), 60_000);
});

test('a retry waits for the rest of its delay', async (t) => {
  const rig = rigOf(t, { world: new World(({ attempt }) => ({ exit: exited(attempt === 1 ? 1 : 0) })) });
  const id = await begin(rig, plan([{ name: 'a', retry: RETRY }]), 'a task-retrying');
  rig.clock.advance(4_000);
  await restart(rig);
  rig.clock.advance(5_999);
  assert.equal(rig.world.starts.length, 1);
  rig.clock.advance(1);
  assert.equal((await endOf(rig, id, 'a')).status, 'success');
});

test('a stop that was asked for twice spares nobody after a restart either', async (t) => {
  const rig = rigOf(t);
  const tasks = [{ name: 'a' }, { name: 'z', after: { a: 'always' } }] as const;
  const id = await begin(rig, plan(tasks), 'a task-running');
  await rig.scheduler.cancel(id);
  await rig.until(() => rig.history(id).includes('z task-running'));
  const died = new Promise<void>((resolve) => {
    rig.scheduler.stop('detach').then(() => {
      rig.daemon((commit) => (commit === 1 ? 'kept' : 'ok'), resolve);
      rig.scheduler.recover().then(() => rig.scheduler.cancel(id));
    });
  });
  await died;
  rig.daemon();
  await rig.scheduler.recover();
  assert.deepEqual(await endOf(rig, id, 'z').then((end) => end.status), 'cancelled');
});

test('a cancel of one task goes on after a restart, and that task is not tried again', async (t) => {
  const rig = rigOf(t);
  const id = await begin(
    rig,
    plan([{ name: 'a', retry: { ...RETRY, on: ['signal'] } }, { name: 'b' }]),
    'b task-running',
  );
  await rig.scheduler.stop('detach');
  const died = new Promise<void>((resolve) => {
    rig.daemon((commit) => (commit === 1 ? 'kept' : 'ok'), resolve);
  });
  await rig.scheduler.recover();
  assert.equal(await rig.scheduler.cancel(id, 'nothing'), 'unknown-task');
  void rig.scheduler.cancel(id, 'a');
  await died;
  rig.daemon();
  await rig.scheduler.recover();
  await rig.until(() => rig.history(id).includes('a task-ended'));
  rig.world.end('b');
  assert.deepEqual(await endOf(rig, id, 'a').then((end) => 'reason' in end && end.reason), 'user');
});

test('confidential exports of the history are masked before anything of the run is shown again', async (t) => {
  const masks: SecretSet[] = [];
  const world = new World(({ task }) => (task === 'a' ? { exit: exited(0), outputs: 'token=hunter2hunter2\n' } : null));
  const rig = rigOf(t, {
    world,
    host: () => {
      const set = new SecretSet();
      masks.push(set);
      return { masks: set };
    },
  });
  const token = { name: 'token', confidential: true, scope: 'local', optional: false } as const;
  await begin(
    rig,
    plan([
      { name: 'a', exports: [token] },
      { name: 'b', after: { a: 'success' } },
    ]),
    'b task-running',
  );
  await restart(rig);
  assert.equal(masks.length, 2);
  assert.equal(masks[1]?.maskText('hunter2hunter2'), '***');
});

test('a run that cannot have what it needs fails, and what may still run of it is lost', async (t) => {
  let isMissing = true;
  const host = () => {
    if (isMissing) throw new MissingSecret('secret TOKEN is not stored');
    return {};
  };
  const rig = rigOf(t, { host });
  const tasks = [{ name: 'a' }, { name: 'b', after: { a: 'success' } }] as const;
  const { run } = await rig.scheduler.fire(rig.wish(plan(tasks)));
  const never = run?.header.id ?? '';
  const end = await endOf(rig, never, 'a');
  assert.deepEqual(end.status === 'failed' && [end.reason, end.message], [
    'missing_secret',
    'secret TOKEN is not stored',
  ]);
  isMissing = false;
  const id = await begin(rig, plan(tasks), 'a task-running');
  isMissing = true;
  await restart(rig);
  assert.deepEqual(await endOf(rig, id, 'a').then((each) => 'reason' in each && each.reason), 'lost');
  assert.equal(rig.record(id).status, 'failed');
});

test('a run whose definition cannot be read any more ends failed, and whose env cannot be rendered says so', async (t) => {
  const rig = rigOf(t);
  const env = new Map([['X', compileText('{{ inputs.gone }}').value ?? assert.fail()]]);
  const { run } = await rig.scheduler.fire(rig.wish(plan([{ name: 'a' }], { id: 'env', env })));
  const end = await endOf(rig, run?.header.id ?? '', 'a');
  assert.match(end.status === 'failed' ? end.message : '', /^the run cannot be put together: .*gone/);
  const workflow = plan([{ name: 'a' }]);
  const id = await begin(rig, workflow, 'a task-running');
  await restart(rig, () => rig.outgrow(workflow));
  const { status, endedAt } = await rig.ended(id);
  assert.deepEqual([status, endedAt], ['failed', 0]);
});

test('while state cannot be written running tasks go on, nothing new starts, and all goes on once it can', async (t) => {
  const rig = rigOf(t);
  let isFull = false;
  rig.daemon(() => (isFull ? 'fails' : 'ok'));
  const id = await begin(rig, plan([{ name: 'a' }, { name: 'b', after: { a: 'success' } }]), 'a task-running');
  isFull = true;
  rig.world.end('a');
  await rig.until(() => rig.troubles.length > 0);
  await assert.rejects(rig.scheduler.fire(rig.wish(plan([{ name: 'x' }], { id: 'x' }))), /no space left/);
  rig.clock.advance(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    [rig.world.starts.length, rig.troubles],
    [1, ['state cannot be written: no space left on the device']],
  );
  isFull = false;
  rig.clock.advance(5_000);
  await rig.world.until(() => rig.world.alive.length === 1);
  assert.deepEqual(rig.troubles, ['state cannot be written: no space left on the device', null]);
  rig.world.end('b');
  assert.equal((await rig.ended(id)).status, 'success');
  assert.equal((await rig.scheduler.fire(rig.wish(plan([{ name: 'x' }], { id: 'x' })))).run?.header.number, 1);
});

test('a run ends although what it left cannot be cleared away, and that is told', async (t) => {
  const rig = rigOf(t, {
    world: new World(() => ({ exit: exited(0) })),
    host: () => ({ sweep: () => Promise.reject(new Error('nobody answers')) }),
  });
  const { run } = await rig.scheduler.fire(rig.wish(plan([{ name: 'a' }])));
  assert.equal((await rig.ended(run?.header.id ?? '')).status, 'success');
  assert.match(String(rig.uncleared), /nobody answers/);
});

for (const how of ['detach', 'cancel'] as const) {
  test(`a stop that means to ${how} does not wait for a disk that is full`, (t) => stopOnFullDisk(rigOf(t), how));
}

async function stopOnFullDisk(rig: SchedulerRig, how: 'detach' | 'cancel'): Promise<void> {
  let isFull = false;
  rig.daemon(() => (isFull ? 'fails' : 'ok'));
  const id = await begin(rig, plan([{ name: 'a' }]), 'a task-running');
  isFull = true;
  rig.world.end('a');
  await rig.until(() => rig.troubles.length > 0);
  await rig.scheduler.stop(how);
  isFull = false;
  rig.daemon();
  await rig.scheduler.recover();
  assert.equal((await rig.ended(id)).status, 'success');
}

test('a stop that cancels ends what has begun and leaves what waits', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1 } });
  const ci = plan([{ name: 'a' }]);
  const id = await begin(rig, ci, 'a task-running');
  const second = await rig.scheduler.fire(rig.wish(ci));
  await rig.scheduler.stop('cancel');
  assert.deepEqual([rig.record(id).status, rig.record(id).reason], ['cancelled', 'shutdown']);
  assert.equal(rig.record(second.run?.header.id ?? '').status, 'queued');
  assert.equal(rig.world.alive.length, 0);
});

test('a thousand runs are taken up, at no more places than there are', async (t) => {
  const rig = rigOf(t, { limits: { maxRuns: 1_000, maxParallel: 100 } });
  const ci = plan([{ name: 'a' }]);
  await rig.scheduler.decide({ wishes: Array.from({ length: 1_000 }, () => rig.wish(ci)) });
  await rig.world.until(() => rig.world.alive.length === 100);
  const begun = () => rig.events.filter(({ event }) => event.type === 'run-started').length;
  while (begun() < 1_000) await new Promise((resolve) => setImmediate(resolve));
  await rig.scheduler.stop('detach');
  rig.daemon();
  assert.deepEqual(await rig.scheduler.recover(), { running: 1_000, queued: 0 });
  assert.ok(rig.world.recoveries.length >= 99);
  let isIdle = false;
  void rig.scheduler.idle().then(() => {
    isIdle = true;
  });
  while (!isIdle) {
    for (const { job } of rig.world.alive) rig.world.end('a', exited(0), job.runId);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(rig.world.peak, 100);
  assert.equal(rig.world.starts.length, 1_000);
});
