import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownPlaces } from '../../src/engine/places.ts';
import { plan } from '../support/plan.ts';
import { RunRig } from '../support/run-rig.ts';

test('siblings go on when one task fails', async () => {
  const rig = new RunRig(plan([{ name: 'a' }, { name: 'b' }]));
  (await rig.driver.started('a')).exit(1);
  (await rig.driver.started('b')).exit(0);
  assert.deepEqual(await rig.outcome(), ['a: failed/exit_code', 'b: success']);
});

test('fail_fast cancels running and waiting siblings, and lets the failure handler run', async () => {
  const tasks = [
    { name: 'a' },
    { name: 'b' },
    { name: 'later', after: { b: 'success' } },
    { name: 'handler', after: { a: 'failure' } },
    { name: 'cleanup', after: { b: 'always' } },
  ] as const;
  const rig = new RunRig(plan(tasks, { failFast: true }));
  await rig.driver.started('b');
  (await rig.driver.started('a')).exit(1);
  (await rig.driver.started('handler')).exit(0);
  (await rig.driver.started('cleanup')).exit(0);
  assert.deepEqual(await rig.outcome(), [
    'a: failed/exit_code',
    'b: cancelled/fail_fast',
    'later: cancelled/fail_fast',
    'handler: success',
    'cleanup: success',
  ]);
  assert.equal((await rig.end).status, 'failed');
});

test('after a cancel only always tasks still start', async () => {
  const tasks = [
    { name: 'work' },
    { name: 'next', after: { work: 'success' } },
    { name: 'on_any', after: { work: 'any' } },
    { name: 'cleanup', after: { work: 'always' } },
  ] as const;
  const rig = new RunRig(plan(tasks));
  await rig.driver.started('work');
  rig.run.cancel('user');
  (await rig.driver.started('cleanup')).exit(0);
  assert.deepEqual(await rig.outcome(), [
    'work: cancelled/user',
    'next: cancelled/user',
    'on_any: cancelled/user',
    'cleanup: success',
  ]);
  assert.deepEqual(await rig.end.then(({ status, reason }) => ({ status, reason })), {
    status: 'cancelled',
    reason: 'user',
  });
});

test('a second cancel ends the always tasks too, at once', async () => {
  const rig = new RunRig(
    plan([
      { name: 'work' },
      { name: 'cleanup', after: { work: 'always' } },
      { name: 'last', after: { cleanup: 'always' } },
    ]),
  );
  await rig.driver.started('work');
  rig.run.cancel('user');
  const cleanup = await rig.driver.started('cleanup');
  rig.run.cancel('user');
  assert.deepEqual(await rig.outcome(), ['work: cancelled/user', 'cleanup: cancelled/user', 'last: cancelled/user']);
  assert.equal(cleanup.io.signal.reason.hurry.aborted, true);
});

test('cancelling one task skips what needs it, and fails the run', async () => {
  const workflow = plan([{ name: 'a' }, { name: 'b', after: { a: 'success' } }, { name: 'c' }]);
  const rig = new RunRig(workflow);
  await rig.driver.started('a');
  rig.run.cancel('user', workflow.tasks[0]);
  (await rig.driver.started('c')).exit(0);
  assert.deepEqual(await rig.outcome(), ['a: cancelled/user', 'b: skipped/dependency', 'c: success']);
  assert.equal((await rig.end).status, 'failed');
});

test('a task that passes its time limit fails with timed_out', async () => {
  const rig = new RunRig(plan([{ name: 'a', timeoutMs: 5_000 }]));
  await rig.driver.started('a');
  rig.clock.advance(4_999);
  assert.equal(rig.run.state.tasks[0]?.phase, 'running');
  rig.clock.advance(1);
  const { results } = await rig.end;
  assert.equal(results.a?.reason, 'timed_out');
  assert.equal(results.a?.message, 'passed its time limit of 5s');
});

test('at the time limit of the run unfinished tasks fail, always tasks still run, and nothing is tried again', async () => {
  const tasks = [
    { name: 'a', retry: { attempts: 5, delayMs: 0, backoff: 1, maxDelayMs: 0, jitter: 0, on: ['timed_out'] } },
    { name: 'b', after: { a: 'success' } },
    { name: 'cleanup', after: { a: 'always' } },
  ] as const;
  const rig = new RunRig(plan(tasks, { timeoutMs: 60_000 }));
  await rig.driver.started('a');
  rig.clock.advance(60_000);
  (await rig.driver.started('cleanup')).exit(0);
  assert.deepEqual(await rig.outcome(), ['a: failed/timed_out', 'b: failed/timed_out', 'cleanup: success']);
  assert.equal((await rig.end).status, 'failed');
});

test('a cancel in the same breath as an end leaves the end alone', async () => {
  const rig = new RunRig(plan([{ name: 'a' }]));
  (await rig.driver.started('a')).exit(0);
  await rig.end;
  rig.run.cancel('user');
  assert.deepEqual(await rig.outcome(), ['a: success']);
});

test('only the tasks asked for run; the others are skipped', async () => {
  const rig = new RunRig(plan([{ name: 'a' }, { name: 'b' }]), { header: { only: ['b'] } });
  (await rig.driver.started('b')).exit(0);
  assert.deepEqual(await rig.outcome(), ['a: skipped/not_selected', 'b: success']);
});

test('max_parallel of the file and the places of the program: the smaller wins, in file order', async () => {
  const tasks = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
  const rig = new RunRig(plan(tasks, { maxParallel: 2 }), { ports: { places: ownPlaces(3) } });
  for (const { name } of tasks) (await rig.driver.started(name)).exit(0);
  await rig.end;
  assert.equal(rig.driver.peak, 2);
  assert.deepEqual(rig.driver.starts, ['a', 'b', 'c', 'd']);
});
