import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownPlaces } from '../../src/engine/places.ts';
import { retryDelay } from '../../src/engine/retry.ts';
import type { TaskEnd } from '../../src/model/run.ts';
import type { Retry } from '../../src/model/workflow.ts';
import { plan } from '../support/plan.ts';
import { RunRig } from '../support/run-rig.ts';

const RETRY: Retry = { attempts: 3, delayMs: 1_000, backoff: 2, maxDelayMs: 60_000, jitter: 0, on: ['exit_code'] };
const failed: TaskEnd = { status: 'failed', reason: 'exit_code', exitCode: 1, message: '', outputs: {} };

test('a failed attempt is tried again after its delay, and the record counts the attempts', async () => {
  const rig = new RunRig(plan([{ name: 'a', retry: RETRY }]));
  (await rig.driver.started('a')).exit(1);
  await rig.until('task-retrying');
  rig.clock.advance(999);
  assert.deepEqual(rig.driver.starts, ['a']);
  rig.clock.advance(1);
  const second = await rig.driver.started('a');
  assert.equal(second.job.attempt, 2);
  assert.equal(second.job.env.RUNNER_ATTEMPT, '2');
  second.exit(0);
  const { results } = await rig.end;
  assert.deepEqual([results.a?.status, results.a?.attempts], ['success', 2]);
});

test('a task that waits for its next attempt holds no place and can be cancelled', async () => {
  const rig = new RunRig(plan([{ name: 'a', retry: RETRY }, { name: 'b' }]), { ports: { places: ownPlaces(1) } });
  (await rig.driver.started('a')).exit(1);
  (await rig.driver.started('b')).exit(0);
  rig.run.cancel('user');
  assert.deepEqual(await rig.outcome(), ['a: cancelled/user', 'b: success']);
});

test('delays grow by the backoff up to the cap, attempts are bounded, and only listed reasons are tried again', () => {
  const delays = [1, 2, 3].map((attempt) => retryDelay({ ...RETRY, attempts: 4 }, failed, attempt, 0));
  assert.deepEqual(delays, [1_000, 2_000, 4_000]);
  assert.equal(retryDelay({ ...RETRY, attempts: 99, backoff: 10 }, failed, 50, 0), 60_000);
  assert.equal(retryDelay(RETRY, failed, 3, 0), null);
  assert.equal(retryDelay({ ...RETRY, on: ['lost'] }, failed, 1, 0), null);
  assert.equal(retryDelay(RETRY, { status: 'skipped', reason: 'condition', message: '' }, 1, 0), null);
});

test('jitter shortens a delay by at most its share', () => {
  assert.equal(retryDelay({ ...RETRY, jitter: 0.5 }, failed, 1, 0), 1_000);
  assert.equal(retryDelay({ ...RETRY, jitter: 0.5 }, failed, 1, 1), 500);
});
