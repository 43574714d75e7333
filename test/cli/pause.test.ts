import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nudge } from '../../src/cli/follow/nudge.ts';
import { pause } from '../../src/cli/pause.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('a pause lasts its time, or until a nudge, and leaves nothing behind', async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const nudge = new Nudge();
  const long = pause(clock, signal, 1000, nudge);
  clock.advance(1000);
  await long;
  const short = pause(clock, signal, 1000, nudge);
  nudge.give();
  await short;
  assert.equal(clock.waiting, 0);
});

test('a nudge while nobody waits ends the next pause, and only that', async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const nudge = new Nudge();
  const over = pause(clock, signal, 1000, nudge);
  clock.advance(1000);
  await over;
  nudge.give();
  nudge.give();
  await pause(clock, signal, 1000, nudge);
  const last = pause(clock, signal, 1000, nudge);
  assert.equal(clock.waiting, 1);
  clock.advance(1000);
  await last;
});

test('a pause ends with the reason of its signal', async () => {
  const clock = new FakeClock();
  const leaving = new AbortController();
  const paused = pause(clock, leaving.signal, 1000);
  leaving.abort(new Error('enough'));
  await assert.rejects(paused, /enough/);
  await assert.rejects(pause(clock, leaving.signal, 1000), /enough/);
  assert.equal(clock.waiting, 0);
});
