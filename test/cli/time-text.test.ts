import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distanceText, momentText, readTime, timeText } from '../../src/cli/print/time-text.ts';

const NOW = new Date(2026, 2, 1, 12, 0, 0).getTime();

test('a time is shown in the zone of the machine', () => {
  assert.equal(timeText(NOW), '2026-03-01 12:00:00');
  assert.equal(timeText(new Date(2026, 10, 21, 3, 4, 5).toISOString()), '2026-11-21 03:04:05');
  assert.equal(timeText('never'), 'never');
});

test('a distance has the one unit that fits', () => {
  const cases = [
    [0, 'now'],
    [-999, 'now'],
    [-45_000, '45s ago'],
    [150_000, 'in 2m'],
    [-7_200_000, '2h ago'],
    [-40 * 3_600_000, '40h ago'],
    [72 * 3_600_000, 'in 3d'],
  ] as const;
  for (const [ms, text] of cases) assert.equal(distanceText(NOW + ms, NOW), text);
  assert.equal(momentText(NOW - 1000, NOW), '2026-03-01 11:59:59 (1s ago)');
  assert.equal(distanceText('never', NOW), '-');
});

test('a written time stands for the last moment it names', () => {
  const local = (...parts: [number, number, number, number, number, number, number]) => new Date(...parts).getTime();
  const cases = [
    ['09:30', local(2026, 2, 1, 9, 30, 59, 999)],
    ['9:30', local(2026, 2, 1, 9, 30, 59, 999)],
    ['23:59:07', local(2026, 2, 1, 23, 59, 7, 999)],
    ['2026-02-28', local(2026, 1, 28, 23, 59, 59, 999)],
    ['2026-02-28T09:30', local(2026, 1, 28, 9, 30, 59, 999)],
    ['2026-02-28 09:30:05', local(2026, 1, 28, 9, 30, 5, 999)],
    ['2026-02-28T09:30Z', Date.UTC(2026, 1, 28, 9, 30, 59, 999)],
    ['2026-02-28T09:30:05.250Z', Date.UTC(2026, 1, 28, 9, 30, 5, 250)],
    ['2026-02-28T09:30:05+02:00', Date.UTC(2026, 1, 28, 7, 30, 5, 999)],
  ] as const;
  for (const [text, at] of cases) assert.equal(readTime(text, NOW), at, text);
});

test('what is not written like a time is none', () => {
  for (const text of ['', 'noon', '24:00', '09:60', '2026-13-01', '2026-02-28T25:00', '1740000000', '2026-2-3']) {
    assert.equal(readTime(text, NOW), null, text);
  }
});
