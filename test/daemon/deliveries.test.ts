import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deliveries } from '../../src/daemon/deliveries.ts';
import type { FireOutcome, Request } from '../../src/engine/admission/wish.ts';
import { ControlError } from '../../src/model/control.ts';
import type { Delivery } from '../../src/model/trigger.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { createStateStore } from '../../src/store/state-store.ts';

const HOUR = 3_600_000;

function delivery(id: string, rest: Partial<Delivery> = {}): Delivery {
  return { source: 'github', id, event: 'push', payload: {}, receivedAt: 10 * HOUR, ...rest };
}

/** Deliveries whose writing the test lets happen. */
function rig() {
  const state = createStateStore(new MemoryDatabase());
  const waiting: (() => void)[] = [];
  const requests: Request[] = [];
  const deliveries = new Deliveries({
    inForce: async () => true,
    state,
    judge: () => [],
    submit: async (request): Promise<readonly FireOutcome[]> => {
      requests.push(request);
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (request.delivery)
        await state
          .batch()
          .recordDelivery({ ...request.delivery, runs: ['run'] })
          .commit();
      return [];
    },
  });
  const release = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { deliveries, requests, release };
}

async function taken(one: ReturnType<typeof rig>, what: Delivery, hash: string) {
  const answer = one.deliveries.take(what, hash);
  await new Promise(setImmediate);
  one.release();
  return answer;
}

test('a delivery is taken in once, however often it comes', async () => {
  const one = rig();
  assert.equal((await taken(one, delivery('a'), 'h')).outcome, 'accepted');
  assert.deepEqual(await one.deliveries.take(delivery('a'), 'h'), { outcome: 'known', runs: ['run'], decisions: [] });
  assert.equal(one.requests.length, 1);
});

test('the same delivery many times at once: one is written, and none is answered before that', async () => {
  const one = rig();
  const answers = Array.from({ length: 20 }, () => one.deliveries.take(delivery('a'), 'h'));
  let answered = 0;
  for (const answer of answers) void answer.then(() => (answered += 1));
  await new Promise(setImmediate);
  assert.equal(one.requests.length, 1);
  assert.equal(answered, 0);
  one.release();
  const outcomes = (await Promise.all(answers)).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes.sort(), ['accepted', ...Array.from({ length: 19 }, () => 'known')]);
});

test('a failed write is no delivery: the next attempt is taken in', async () => {
  const state = createStateStore(new MemoryDatabase());
  let fails = true;
  const deliveries = new Deliveries({
    inForce: async () => true,
    state,
    judge: () => [],
    submit: async () => {
      if (fails) throw new Error('no space left');
      return [];
    },
  });
  await assert.rejects(deliveries.take(delivery('a'), 'h'), /no space/);
  fails = false;
  assert.equal((await deliveries.take(delivery('a'), 'h')).outcome, 'accepted');
});

test('an id that comes with another body is refused', async () => {
  const one = rig();
  await taken(one, delivery('a'), 'h');
  await assert.rejects(one.deliveries.take(delivery('a'), 'other'), (error) => {
    return error instanceof ControlError && error.code === 'conflict';
  });
});

test('a body that comes under a new id is a replay for 72 hours, also at the same moment', async () => {
  const one = rig();
  const first = one.deliveries.take(delivery('a'), 'h');
  const second = one.deliveries.take(delivery('b'), 'h');
  await new Promise(setImmediate);
  one.release();
  assert.deepEqual([(await first).outcome, (await second).outcome], ['accepted', 'replay']);
  assert.equal((await taken(one, delivery('c', { receivedAt: 83 * HOUR }), 'h')).outcome, 'accepted');
});

test('events that are sent on purpose may be sent again', async () => {
  const one = rig();
  await taken(one, delivery('a', { event: 'repository_dispatch' }), 'h');
  assert.equal((await taken(one, delivery('b', { event: 'repository_dispatch' }), 'h')).outcome, 'accepted');
});

test('while triggers cannot be put in force nothing is taken in: who sent it hears of that', async () => {
  const state = createStateStore(new MemoryDatabase());
  let isInForce = false;
  const deliveries = new Deliveries({ state, inForce: async () => isInForce, judge: () => [], submit: async () => [] });
  await assert.rejects(deliveries.take(delivery('a'), 'h'), { code: 'disk-full' });
  isInForce = true;
  assert.equal((await deliveries.take(delivery('a'), 'h')).outcome, 'accepted');
});
