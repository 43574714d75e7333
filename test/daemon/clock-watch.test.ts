import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockJumps, watchClock } from '../../src/daemon/clock-watch.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { createStateStore } from '../../src/store/state-store.ts';
import { FakeClock } from '../support/fake-clock.ts';

const START = Date.UTC(2026, 2, 1);
const HOUR = 3_600_000;

test('each jump of the wall clock is recorded once, in both directions; one that is put right gently is not', async () => {
  const clock = new FakeClock(START);
  const state = createStateStore(new MemoryDatabase());
  const told: unknown[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (...line: unknown[]) => told.push(line), error: assert.fail };
  const stop = watchClock({ state, clock, log });
  clock.advance(HOUR);
  for (let step = 0; step < 100; step++) {
    clock.jump(400);
    clock.advance(2000);
  }
  assert.deepEqual(told, []);
  clock.jump(-100 * 400);
  clock.jump(24 * HOUR);
  clock.advance(10_000);
  clock.jump(-2 * HOUR);
  clock.advance(10_000);
  stop();
  clock.jump(HOUR);
  clock.advance(HOUR);
  await new Promise(setImmediate);
  const audits = await state.audits({ limit: 9 });
  assert.deepEqual([audits.length, told.length], [2, 2]);
  const [newest, first] = clockJumps(audits, 0, Number.POSITIVE_INFINITY);
  assert.match(
    first?.message ?? '',
    /^the wall clock jumped from 2026-03-01T01:.* to 2026-03-02T01:.*: it was set, or/,
  );
  assert.match(newest?.message ?? '', /from 2026-03-02T01:.* to 2026-03-01T23:/);
  assert.deepEqual(clockJumps(audits, 0, START), []);
});
