import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/util/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('calls back after the time, not before', async () => {
  const begin = systemClock.monotonic();
  await new Promise<void>((resolve) => systemClock.after(20, resolve));
  assert.ok(systemClock.monotonic() - begin >= 19);
});

test('a callback that was called off never comes', async () => {
  let calls = 0;
  const callOff = systemClock.after(1, () => calls++);
  callOff();
  await new Promise<void>((resolve) => systemClock.after(5, resolve));
  assert.equal(calls, 0);
});

test('a time longer than a timer can hold is not cut short', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(process, 'hrtime', () => [Math.floor(now / 1_000), (now % 1_000) * 1e6]);
  let calls = 0;
  systemClock.after(2 ** 31 + 1_000, () => calls++);
  const move = (ms: number): void => {
    now += ms;
    t.mock.timers.tick(ms);
  };
  move(2 ** 31 - 1);
  assert.equal(calls, 0);
  move(1_001);
  assert.equal(calls, 1);
});

test('a fake clock calls back in order of time, also what is asked for on the way', () => {
  const clock = new FakeClock(100);
  const seen: string[] = [];
  clock.after(20, () => seen.push(`b ${clock.now()}`));
  clock.after(10, () => {
    seen.push(`a ${clock.now()}`);
    clock.after(5, () => seen.push(`c ${clock.monotonic()}`));
  });
  clock.after(15, () => seen.push('never'))();
  clock.advance(30);
  assert.deepEqual([seen, clock.now(), clock.waiting], [['a 110', 'c 115', 'b 120'], 130, 0]);
});
