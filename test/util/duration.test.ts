import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/util/duration.ts';

test('durations are sums of their units', () => {
  assert.equal(parseDuration('50ms'), 50);
  assert.equal(parseDuration('90s'), 90_000);
  assert.equal(parseDuration('1h30m'), 5_400_000);
  assert.equal(parseDuration('7d'), 604_800_000);
  assert.equal(parseDuration('1d1h1m1s1ms'), 90_061_001);
  assert.equal(parseDuration('0s'), 0);
});

test('anything else is no duration', () => {
  const others = ['', '5', 's', '1.5h', '-1s', '1m1h', '1s1s', '5M', '5 m', ' 5m', '5m\n', '1e3s', '٣s', '1234567890s'];
  for (const text of others) assert.equal(parseDuration(text), null, JSON.stringify(text));
});

test('a written duration is read back as the same time', () => {
  fc.assert(fc.property(fc.nat(10 ** 12), (ms) => parseDuration(formatDuration(ms)) === ms));
});
