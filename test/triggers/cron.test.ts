import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { cronTrigger } from '../../src/triggers/cron.ts';
import { RETRY_MS } from '../../src/triggers/slot-watch.ts';
import { parseCron } from '../../src/util/cron.ts';
import { slotsBySearch } from '../support/slot-oracle.ts';
import { TriggerRig } from '../support/trigger-rig.ts';

function spec(cron: string, missed = 'skip', timezone = 'UTC') {
  return { cron, timezone, missed, overlap: 'skip' };
}

const NOON = Date.parse('2026-05-01T12:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A daemon that was away since noon and arms a schedule now. */
async function back(hours: number, cron: string, missed: string): Promise<TriggerRig> {
  const rig = new TriggerRig(NOON + hours * HOUR, { activatedAt: NOON - 7 * HOUR, watermark: NOON });
  rig.arm(cronTrigger, spec(cron, missed));
  await rig.advance(0);
  return rig;
}

test('fires at its time, with the time it was due as a fact', async () => {
  const rig = new TriggerRig('2026-05-01T11:59:30Z');
  rig.arm(cronTrigger, { ...spec('0 12 * * *'), overlap: 'queue' });
  await rig.advance(30_000);
  assert.deepEqual(rig.summary, ['2026-05-01T12:00 fire']);
  const [{ key, dueAt, verdict, overlap } = assert.fail()] = rig.decided;
  assert.deepEqual([key, dueAt, overlap], ['2026-05-01T12:00:00.000Z', NOON, 'queue']);
  assert.ok(verdict.kind === 'fire' && verdict.withSecrets);
  assert.deepEqual([verdict.firing.kind, verdict.firing.scheduledAt], ['cron', '2026-05-01T12:00:00.000Z']);
  assert.equal(rig.state.watermark, NOON);
});

test('nothing is due from before the schedule was first seen', async () => {
  const rig = new TriggerRig('2026-05-01T17:20Z');
  rig.arm(cronTrigger, spec('0 * * * *', 'all'));
  await rig.advance(1_000);
  assert.deepEqual(rig.summary, []);
});

test('missed slots are recorded, or make one run for the newest, or one run each', async () => {
  const skipped = await back(5 + 1 / 3, '0 * * * *', 'skip');
  assert.deepEqual(
    skipped.summary,
    [13, 14, 15, 16, 17].map((hour) => `2026-05-01T${hour}:00 missed`),
  );
  const latest = await back(5 + 1 / 3, '0 * * * *', 'latest');
  assert.deepEqual(latest.summary, ['2026-05-01T17:00 fire ×5']);
  const all = await back(5 + 1 / 3, '0 * * * *', 'all');
  assert.deepEqual(
    all.summary,
    [13, 14, 15, 16, 17].map((hour) => `2026-05-01T${hour}:00 fire`),
  );
});

test('a slot that is at most a minute late is not missed', async () => {
  assert.deepEqual((await back(1 + 60_000 / HOUR, '0 * * * *', 'skip')).summary, ['2026-05-01T13:00 fire']);
  assert.deepEqual((await back(1 + 60_001 / HOUR, '0 * * * *', 'skip')).summary, ['2026-05-01T13:00 missed']);
});

test('what is in time fires beside what was missed', async () => {
  const latest = await back(2, '0 * * * *', 'latest');
  assert.deepEqual(latest.summary, ['2026-05-01T13:00 fire', '2026-05-01T14:00 fire']);
});

test('at most 24 missed slots are made up for, and the number of the rest is recorded', async () => {
  const { summary, decided, state } = await back(30.5, '0 * * * *', 'all');
  assert.equal(summary.length, 25);
  assert.deepEqual(
    [summary[0], summary[23], summary[24]],
    ['2026-05-01T13:00 fire', '2026-05-02T12:00 fire', '2026-05-02T18:00 missed ×6'],
  );
  const rest = decided[24]?.verdict;
  assert.match(rest?.kind === 'skip' ? rest.message : '', /^6 more slots .* at most 24 /);
  assert.equal(state.watermark, Date.parse('2026-05-02T18:00Z'));
});

test('many missed slots share a record', async () => {
  const { summary } = await back(150 + 1 / 30, '0 * * * *', 'skip');
  assert.equal(summary.length, 101);
  assert.equal(summary[100], '2026-05-07T18:00 missed ×50');
});

test('two years of minutes are counted without holding up other work', async () => {
  const rig = new TriggerRig(NOON + 800 * 24 * HOUR, { activatedAt: NOON, watermark: NOON });
  rig.arm(cronTrigger, spec('*/5 * * * *', 'latest'));
  let decided = false;
  const decision = rig.nextDecision().then(() => {
    decided = true;
  });
  rig.fake.advance(0);
  let turns = 0;
  for (; !decided; turns++) await turn();
  await decision;
  assert.ok(turns > 100, `${turns} turns`);
  assert.deepEqual(
    rig.decided.map(({ count }) => count),
    [731 * 24 * 12 - 1, 1],
  );
});

test('what was due more than two years ago is left, and the schedule goes on', async () => {
  const rig = new TriggerRig('2031-06-01T00:00Z', { activatedAt: NOON, watermark: null });
  rig.arm(cronTrigger, spec('0 0 29 2 *', 'latest'));
  await rig.advance(1_000);
  assert.deepEqual(rig.summary, []);
  await rig.wakeAt('2032-02-29T00:00:10Z');
  assert.deepEqual(rig.summary, ['2032-02-29T00:00 fire']);
});

test('a clock that goes back repeats nothing', async () => {
  const rig = new TriggerRig(NOON);
  rig.arm(cronTrigger, spec('0 * * * *'));
  await rig.wakeAt(NOON + HOUR);
  await rig.wakeAt(NOON - 24 * HOUR);
  for (let hour = -24; hour <= 1; hour++) await rig.wakeAt(NOON + hour * HOUR);
  assert.deepEqual(rig.summary, ['2026-05-01T13:00 fire']);
  await rig.wakeAt(NOON + 2 * HOUR);
  assert.deepEqual(rig.summary.slice(1), ['2026-05-01T14:00 fire']);
});

test('a decision that could not be kept is offered again as it was, however late that is', async () => {
  const rig = new TriggerRig(NOON);
  rig.failures = 3;
  rig.arm(cronTrigger, spec('0 * * * *'));
  await rig.wakeAt(NOON + HOUR);
  for (let round = 0; round < 2; round++) await rig.advance(RETRY_MS);
  assert.deepEqual([rig.refused.length, rig.summary], [3, []]);
  rig.fake.jump(10 * MINUTE);
  await rig.advance(RETRY_MS);
  assert.deepEqual(rig.summary, ['2026-05-01T13:00 fire']);
  await rig.wakeAt(NOON + 2 * HOUR);
  assert.deepEqual(rig.summary.slice(1), ['2026-05-01T14:00 fire']);
});

test('disposed, it decides nothing more, and waits for nothing', async () => {
  const rig = new TriggerRig(NOON);
  rig.arm(cronTrigger, spec('0 * * * *')).dispose();
  assert.equal(rig.fake.waiting, 0);
  rig.failures = 1;
  const watch = rig.arm(cronTrigger, spec('0 * * * *'));
  await rig.wakeAt(NOON + HOUR);
  watch.dispose();
  await rig.advance(RETRY_MS + HOUR);
  assert.deepEqual([rig.summary, rig.fake.waiting], [[], 0]);
});

test('disposed while it judges, it decides nothing; while its decision is kept, it waits for nothing more', async () => {
  const rig = new TriggerRig(NOON);
  const first = rig.arm(cronTrigger, spec('0 * * * *'));
  rig.fake.jump(HOUR);
  rig.fake.advance(1_000);
  first.dispose();
  await rig.advance(0);
  assert.deepEqual([rig.summary, rig.fake.waiting], [[], 0]);
  let done = (): void => {};
  rig.busy = new Promise((resolve) => {
    done = resolve;
  });
  const second = rig.arm(cronTrigger, spec('0 * * * *'));
  await rig.advance(0);
  second.dispose();
  done();
  await rig.advance(0);
  assert.deepEqual([rig.summary, rig.fake.waiting], [['2026-05-01T13:00 fire'], 0]);
});

for (const zone of ['America/New_York', 'Australia/Lord_Howe']) {
  test(`two years of ${zone}: one firing for each slot, in time`, async () => {
    const start = Date.UTC(2026, 0, 1);
    const { fields } = parseCron('30 1,2 * * *');
    assert.ok(fields);
    const expected = slotsBySearch(fields, zone, start, start + 730 * 24 * HOUR);
    const rig = new TriggerRig(start);
    rig.arm(cronTrigger, spec('30 1,2 * * *', 'skip', zone));
    for (const slot of expected) await rig.wakeAt(slot - 500);
    assert.deepEqual(
      rig.decided.map(({ dueAt, verdict }) => [dueAt, verdict.kind]),
      expected.map((slot) => [slot, 'fire']),
    );
  });
}

test('the next times are told with what is odd about them', () => {
  const state = { activatedAt: 0, watermark: null };
  const next = (zone: string, from: string, count: number) =>
    cronTrigger.next(spec('30 1 * * *', 'skip', zone), state, Date.parse(from), count).map(({ at, note }) => {
      return `${new Date(at).toISOString().slice(0, 16)} ${note}`.trim();
    });
  assert.deepEqual(next('America/New_York', '2026-10-31T00:00Z', 3), [
    '2026-10-31T05:30',
    '2026-11-01T05:30 01:30 comes twice; the first',
    '2026-11-02T06:30',
  ]);
  assert.deepEqual(next('UTC', '2026-10-31T00:00Z', 0), []);
});

test('the next times leave out what is settled', () => {
  const state = { activatedAt: NOON, watermark: NOON + HOUR };
  const [next] = cronTrigger.next(spec('0 * * * *'), state, NOON - HOUR, 1);
  assert.equal(next?.at, NOON + 2 * HOUR);
});

test('without a time zone the zone of the machine counts', () => {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const state = { activatedAt: NOON, watermark: null };
  const here = cronTrigger.next({ ...spec('0 3 * * *'), timezone: null }, state, NOON, 3);
  assert.deepEqual(here, cronTrigger.next(spec('0 3 * * *', 'skip', timeZone), state, NOON, 3));
});
