import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CronFields, parseCron } from '../../src/util/cron.ts';
import { cronSlots, slotsByOffset } from '../../src/util/cron-slots.ts';
import { clocksOf, slotsByClocks, slotsBySearch } from '../support/slot-oracle.ts';

const DAY = 86_400_000;

function fields(expression: string): CronFields {
  const parsed = parseCron(expression);
  assert.ok(parsed.fields, `${expression}: ${JSON.stringify(parsed.problems)}`);
  return parsed.fields;
}

function slotsBetween(expression: string, zone: string, from: number, to: number): number[] {
  const slots: number[] = [];
  for (const { at } of cronSlots(fields(expression), zone).after(from)) {
    if (at > to) break;
    slots.push(at);
  }
  return slots;
}

function iso(instants: readonly number[]): string[] {
  return instants.map((at) => new Date(at).toISOString().slice(0, 16));
}

function onDay(expression: string, zone: string, from: string, days = 1): string[] {
  const start = Date.parse(from) - 1;
  return iso(slotsBetween(expression, zone, start, start + days * DAY));
}

test('where clocks go forward, a skipped time fires once, at the first instant after the gap', () => {
  const newYork = (expression: string) => onDay(expression, 'America/New_York', '2026-03-08T05:00Z');
  assert.deepEqual(newYork('30 2 * * *'), ['2026-03-08T07:00']);
  assert.deepEqual(newYork('*/10 2 * * *'), ['2026-03-08T07:00']);
  assert.deepEqual(newYork('0 2,3 * * *'), ['2026-03-08T07:00']);
  assert.deepEqual(newYork('30 1-3 * * *'), ['2026-03-08T06:30', '2026-03-08T07:00', '2026-03-08T07:30']);
  assert.deepEqual(onDay('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T13:30Z'), ['2026-10-03T15:30']);
  assert.deepEqual(onDay('0 0 * * *', 'Africa/Cairo', '2026-04-23T21:00Z'), ['2026-04-23T22:00']);
});

test('where clocks go back, a repeated time fires the first time only', () => {
  assert.deepEqual(onDay('30 1 * * *', 'America/New_York', '2026-11-01T04:00Z'), ['2026-11-01T05:30']);
  assert.deepEqual(onDay('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T13:00Z'), ['2026-04-04T14:45']);
});

test('schedules whose hours begin with * follow real time', () => {
  const halves = onDay('*/30 * * * *', 'America/New_York', '2026-11-01T04:00Z');
  assert.equal(halves.length, 48);
  assert.deepEqual(
    iso(
      slotsBetween('0 */2 * * *', 'America/New_York', Date.parse('2026-03-08T04:30Z'), Date.parse('2026-03-08T08:30Z')),
    ),
    ['2026-03-08T05:00', '2026-03-08T08:00'],
  );
});

test('a day that a zone skipped fires at the beginning of the next one', () => {
  assert.deepEqual(onDay('0 12 * * *', 'Pacific/Apia', '2011-12-29T10:00Z', 2), [
    '2011-12-29T22:00',
    '2011-12-30T10:00',
    '2011-12-30T22:00',
  ]);
});

test('rare days are found: 29 February, also past 2100, and on a weekday', () => {
  const first = (expression: string, from: string) => {
    const slot = cronSlots(fields(expression), 'UTC').after(Date.parse(from)).next().value;
    return slot && new Date(slot.at).toISOString().slice(0, 10);
  };
  assert.equal(first('0 0 29 2 *', '2026-11-21'), '2028-02-29');
  assert.equal(first('0 0 29 2 *', '2096-03-01'), '2104-02-29');
  assert.equal(first('0 0 29 2 */6', '2026-11-21'), '2032-02-29');
});

test('what is odd about a slot is said', () => {
  const notes = (expression: string, zone: string, from: string, count: number) => {
    const source = cronSlots(fields(expression), zone);
    const slots = source.after(Date.parse(from));
    return Array.from({ length: count }, () => {
      const slot = slots.next().value;
      assert.ok(slot);
      return source.note(slot);
    });
  };
  const skipped = '02:30 does not exist that day; fires when the clocks have gone forward';
  assert.deepEqual(notes('30 2 * * *', 'America/New_York', '2026-03-07T00:00Z', 3), ['', skipped, '']);
  assert.deepEqual(notes('30 1 * * *', 'America/New_York', '2026-11-01T00:00Z', 2), [
    '01:30 comes twice; the first',
    '',
  ]);
  assert.deepEqual(notes('30 * * * *', 'America/New_York', '2026-11-01T04:45Z', 3), [
    '01:30 comes twice; the first',
    '01:30 comes twice; the second',
    '',
  ]);
});

const ZONES = [
  'America/New_York',
  'Europe/London',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'Antarctica/Troll',
  'Africa/Casablanca',
  'America/Santiago',
  'Asia/Tehran',
  'UTC',
];

for (const zone of ZONES) {
  test(`two years of ${zone} are as a search minute by minute finds them`, () => {
    const from = zone === 'Pacific/Apia' ? Date.UTC(2011, 0, 1) : Date.UTC(2026, 0, 1);
    const to = from + 730 * DAY;
    for (const expression of ['30 0-3,23 * * *', '*/20 */3 * * *', '7 1 1,15 * 1']) {
      const expected = slotsBySearch(fields(expression), zone, from, to);
      assert.ok(expected.length > 0);
      assert.deepEqual(iso(slotsBetween(expression, zone, from, to)), iso(expected), expression);
    }
  });
}

test('around any change of any zone, any schedule is as the search finds it', () => {
  const span = fc.integer({ min: Date.UTC(2008, 0, 1) / DAY, max: Date.UTC(2032, 0, 1) / DAY });
  const changes = fc.tuple(fc.constantFrom(...Intl.supportedValuesOf('timeZone')), span).map(([zone, day]) => {
    const [, change] = clocksOf(zone, day * DAY, day * DAY + 366 * DAY);
    return { zone, at: change?.at ?? day * DAY };
  });
  fc.assert(
    fc.property(changes, expressions(), fc.integer({ min: 0, max: 2880 }), ({ zone, at }, expression, minutes) => {
      const from = at - minutes * 60_000;
      const to = at + 2 * DAY;
      const expected = slotsBySearch(fields(expression), zone, from, to);
      assert.deepEqual(iso(slotsBetween(expression, zone, from, to)), iso(expected), `${expression} in ${zone}`);
    }),
    { numRuns: 150 },
  );
});

test('in zones that do not exist, clocks may change at any minute by up to a day', () => {
  const HALF_HOUR = 1_800_000;
  const change = fc.record({ minute: fc.nat(1439), offset: fc.integer({ min: -24, max: 24 }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), expressions(), (changes, expression) => {
      const from = Date.UTC(2026, 4, 1);
      // At least two days lie between two changes, so that no time is both skipped and shown twice.
      const clocks = [{ at: -Infinity, offset: 0 }].concat(
        changes.map(({ minute, offset }, index) => ({
          at: from + (1 + 3 * index) * DAY + minute * 60_000,
          offset: offset * HALF_HOUR,
        })),
      );
      const to = from + 12 * DAY;
      const slots = slotsByOffset(
        fields(expression),
        (at) => clocks.findLast((clock) => clock.at <= at)?.offset ?? 0,
      ).after(from);
      const found: number[] = [];
      for (let slot = slots.next().value; slot !== undefined && slot.at <= to; slot = slots.next().value)
        found.push(slot.at);
      assert.deepEqual(iso(found), iso(slotsByClocks(fields(expression), clocks, from, to)), expression);
    }),
    { numRuns: 200 },
  );
});

test('slots do not depend on where one begins to look', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), expressions(), fc.nat(730 * 1440), (zone, expression, minute) => {
      const from = Date.UTC(2026, 0, 1) + minute * 60_000;
      const slots = cronSlots(fields(expression), zone);
      const first = slots.after(from).next().value;
      assert.ok(first !== undefined && first.at > from);
      assert.deepEqual(slots.after(first.at - 1).next().value, first);
    }),
  );
});

function expressions(): fc.Arbitrary<string> {
  const list = (low: number, high: number) =>
    fc
      .uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 4 })
      .map((values) => values.join(','));
  const field = (low: number, high: number, ...others: string[]) =>
    fc.oneof(list(low, high), fc.constantFrom('*', ...others));
  return fc
    .tuple(
      field(0, 59, '*/15', '*/7', '10-40/10'),
      field(0, 23, '*/2', '0-3', '1,2', '2', '3', '0', '23'),
      field(1, 28, '*/2'),
      fc.oneof(fc.constant('*'), list(1, 12)),
      fc.oneof(fc.constant('*'), list(0, 6)),
    )
    .map((parts) => parts.join(' '));
}
