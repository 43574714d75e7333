import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BoardPorts, TriggerBoard } from '../../src/daemon/trigger-board.ts';
import type { Request } from '../../src/engine/admission/wish.ts';
import type { FiringRecord } from '../../src/model/firing.ts';
import { MANUAL_FIRING } from '../../src/model/manual-firing.ts';
import type { Delivery, Occasion, Trigger, TriggerHost } from '../../src/model/trigger.ts';
import type { Workflow } from '../../src/model/workflow.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { createStateStore } from '../../src/store/state-store.ts';
import { AlarmClock } from '../../src/util/wall-clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { loadPlan } from '../support/load-text.ts';
import { firingRecord } from '../support/state-records.ts';

const DELIVERY: Delivery = { source: 'github', id: 'd', event: 'push', payload: {}, receivedAt: 0 };

const SKIP: Occasion = {
  key: null,
  dueAt: null,
  verdict: { kind: 'skip', reason: 'filtered', message: 'not this one' },
  count: 1,
  overlap: 'allow',
};

/** A trigger that the test holds in its hand. */
class HeldTrigger implements Trigger {
  readonly kind = 'interval';
  readonly initiator = 'schedule';
  readonly comesAgain?: true;
  readonly hosts = new Map<string, TriggerHost>();
  readonly disposed: string[] = [];

  constructor(comesAgain = false) {
    if (comesAgain) this.comesAgain = true;
  }

  arm(entry: Parameters<Trigger['arm']>[0], host: TriggerHost) {
    this.hosts.set(entry.identity, host);
    host.onDelivery('github', () => SKIP);
    return { dispose: () => void this.disposed.push(entry.identity) };
  }

  next(_spec: unknown, _state: unknown, from: number) {
    return [{ at: from + 5, note: '' }];
  }
}

function rig(comesAgain = false) {
  const clock = new FakeClock(1_000_000);
  const state = createStateStore(new MemoryDatabase());
  const trigger = new HeldTrigger(comesAgain);
  const requests: Request[] = [];
  const drains = { now: false };
  /** Why what is submitted starts nothing. */
  const outcomes: FiringRecord['reason'][] = [];
  const ports: BoardPorts = {
    triggers: new Map([[trigger.kind, trigger]]),
    clock: new AlarmClock(clock),
    state,
    submit: async (request) => {
      requests.push(request);
      const batch = state.batch();
      for (const each of request.triggerStates ?? []) batch.setTriggerState(each.workflow, each.trigger, each.state);
      await batch.commit();
      return outcomes.map((reason) => ({
        firing: firingRecord(1, { reason, message: 'full' }),
        run: null,
        isDuplicate: false,
      }));
    },
    isDraining: () => drains.now,
  };
  return { clock, state, trigger, requests, drains, outcomes, board: () => new TriggerBoard(ports) };
}

function every(...times: string[]): Promise<Workflow> {
  const entries = times.map((time) => `{ every: ${time} }`);
  return loadPlan(`on: { interval: [${entries.join(', ')}] }\ntaskGroup: [{ name: t, run: "true" }]`);
}

test('an entry that is new begins now, and a restart does not begin it again', async () => {
  const { clock, trigger, board } = rig();
  const workflow = await every('5m');
  const [identity = ''] = workflow.triggers.map((entry) => entry.identity);
  await board().arm(workflow);
  assert.deepEqual(trigger.hosts.get(identity)?.state, { activatedAt: 1_000_000, watermark: null });
  clock.advance(60_000);
  await board().arm(workflow);
  assert.deepEqual(trigger.hosts.get(identity)?.state, { activatedAt: 1_000_000, watermark: null });
});

test('an edit leaves the entries that stay as they were armed, and forgets those that go', async () => {
  const { clock, state, trigger, board } = rig();
  const [before, after] = [await every('5m', '7m'), await every('7m', '9m')];
  const [five = '', seven = ''] = before.triggers.map((entry) => entry.identity);
  const one = board();
  await one.arm(before);
  clock.advance(1_000);
  await one.arm(after);
  assert.deepEqual(trigger.disposed, [five]);
  assert.equal(state.triggerState('test', five), undefined);
  assert.equal(state.triggerState('test', seven)?.activatedAt, 1_000_000);
});

test('an entry that comes back begins anew: nothing from before is due', async () => {
  const { clock, trigger, board } = rig();
  const [with5, with7] = [await every('5m'), await every('7m')];
  const one = board();
  await one.arm(with5);
  await one.arm(with7);
  clock.advance(3_600_000);
  await one.arm(with5);
  const [identity = ''] = with5.triggers.map((entry) => entry.identity);
  assert.equal(trigger.hosts.get(identity)?.state.activatedAt, 4_600_000);
});

test('a decision carries the version in force, and moves the watermark with it', async () => {
  const { state, trigger, requests, board } = rig();
  const one = board();
  const [old, edited] = [
    await every('5m'),
    await loadPlan('on: { interval: [{ every: 5m }] }\ntaskGroup: [{ name: other, run: "true" }]'),
  ];
  await one.arm(old);
  await one.arm(edited);
  const [identity = ''] = old.triggers.map((entry) => entry.identity);
  await trigger.hosts.get(identity)?.decide([{ ...SKIP, key: 'slot', dueAt: 7 }], 7);
  assert.equal(requests[0]?.wishes[0]?.workflow, edited);
  assert.equal(requests[0]?.wishes[0]?.initiator, 'schedule');
  assert.equal(state.triggerState('test', identity)?.watermark, 7);
});

test('a trigger that was disarmed decides nothing any more', async () => {
  const { trigger, requests, board } = rig();
  const one = board();
  const workflow = await every('5m');
  await one.arm(workflow);
  await one.disarm('test');
  await trigger.hosts.get(workflow.triggers[0]?.identity ?? '')?.decide([SKIP], 1);
  assert.deepEqual(requests, []);
  assert.deepEqual(one.judge(DELIVERY), []);
});

test('every armed trigger of the source is asked about a delivery', async () => {
  const { board } = rig();
  const one = board();
  await one.arm(await every('5m', '7m'));
  assert.deepEqual(
    one.judge(DELIVERY).map(({ decision }) => decision),
    ['test: filtered: not this one', 'test: filtered: not this one'],
  );
  assert.deepEqual(one.judge({ ...DELIVERY, source: 'other' }), []);
});

test('the next times of all entries come in order, as many as asked for', async () => {
  const { board } = rig();
  const one = board();
  await one.arm(await every('5m', '7m'));
  assert.deepEqual(
    one.next('test', 100, 5).map(({ at }) => at),
    [105, 105],
  );
  assert.equal(one.next('test', 100, 1).length, 1);
  assert.deepEqual(one.next('unknown', 100, 1), []);
});

const FIRE: Occasion = {
  ...SKIP,
  key: 'k',
  verdict: { kind: 'fire', firing: MANUAL_FIRING, withSecrets: true },
};

test('what comes again is not taken by a daemon that drains or is full, and its plugin is told', async () => {
  const { trigger, requests, drains, outcomes, board } = rig(true);
  await board().arm(await every('5m'));
  const [host] = trigger.hosts.values();
  drains.now = true;
  await assert.rejects(host?.decide([FIRE], null) ?? Promise.resolve(), /takes no new work; fire it again later/);
  assert.equal(requests.length, 0);
  drains.now = false;
  outcomes.push('limit');
  await assert.rejects(host?.decide([FIRE], null) ?? Promise.resolve(), /full; fire it again later/);
  outcomes[0] = 'paused';
  await host?.decide([FIRE], null);
  assert.deepEqual(
    requests.map(({ comesAgain }) => comesAgain),
    [true, true],
  );
});

test('what does not come again is decided also by a daemon that drains', async () => {
  const { trigger, requests, drains, board } = rig();
  await board().arm(await every('5m'));
  drains.now = true;
  const [host] = trigger.hosts.values();
  await host?.decide([FIRE], null);
  assert.deepEqual(
    requests.map(({ comesAgain }) => comesAgain),
    [false],
  );
});
