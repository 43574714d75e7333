import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runId } from '../../src/util/run-id.ts';

test('ids are UUIDs of version 7 that sort by time', () => {
  const times = [0, 1, 1_700_000_000_000, 1_700_000_000_001, 2 ** 48 - 1];
  const ids = times.map(runId);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(Array.from({ length: 1000 }, () => runId(5))).size, 1000);
});

test('ids of the same time sort by their place', () => {
  const ids = Array.from({ length: 4096 }, (_item, place) => runId(1_700_000_000_000, place));
  assert.deepEqual([...ids].sort(), ids);
  assert.match(runId(5, 4096), /^00000000-0005-7fff-/);
});
