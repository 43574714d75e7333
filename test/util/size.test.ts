import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSize, parseSize } from '../../src/util/size.ts';

test('sizes count in steps of 1024', () => {
  assert.equal(parseSize('512B'), 512);
  assert.equal(parseSize('64KiB'), 65_536);
  assert.equal(parseSize('512MiB'), 536_870_912);
  assert.equal(parseSize('2GiB'), 2_147_483_648);
  assert.equal(parseSize('1TiB'), 1_099_511_627_776);
});

test('anything else is no size', () => {
  for (const text of ['', '5', '5MB', '5M', '1.5GiB', '-1B', 'MiB', '5 MiB']) assert.equal(parseSize(text), null, text);
});

test('sizes are shown in the largest unit that fits', () => {
  assert.equal(formatSize(0), '0B');
  assert.equal(formatSize(1023), '1023B');
  assert.equal(formatSize(1024), '1KiB');
  assert.equal(formatSize(1_600_000), '1.5MiB');
});
