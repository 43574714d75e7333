import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clear } from '../../src/executor/ending.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Calls back by itself, so that waiting takes no time. */
class EagerClock extends FakeClock {
  override after(ms: number, callback: () => void): () => void {
    queueMicrotask(() => {
      this.advance(ms);
      callback();
    });
    return () => {};
  }
}

/** Looks that find the given pids one after the other, then nothing. */
function looks(...found: readonly (readonly number[])[]) {
  const left = [...found];
  const killed: number[] = [];
  return { find: () => left.shift() ?? [], kill: (pid: number) => killed.push(pid), killed };
}

test('a process that one look missed is found by a later one', async () => {
  const { find, kill, killed } = looks([7], [], [8], []);
  assert.deepEqual(await clear(find, kill, new EagerClock(), 2), []);
  assert.deepEqual(killed, [7, 8]);
});

test('one quiet look is enough where that is asked for', async () => {
  const { find, kill, killed } = looks([], [8]);
  assert.deepEqual(await clear(find, kill, new EagerClock(), 1), []);
  assert.deepEqual(killed, []);
});

test('what does not die is given up after five seconds', async () => {
  const clock = new EagerClock();
  assert.deepEqual(
    await clear(
      () => [9],
      () => {},
      3,
      clock,
    ),
    [9],
  );
  assert.equal(clock.now(), 5_000);
});
