import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unreachable } from '../../src/cli/client/daemon-error.ts';
import { Patience } from '../../src/cli/client/patience.ts';
import { FakeClock } from '../support/fake-clock.ts';

const LOST = new Unreachable('runnerd.sock: nobody listens there', { wasThere: true });

function rig() {
  const clock = new FakeClock();
  const told: string[] = [];
  const { signal } = new AbortController();
  const patience = new Patience({ clock, signal, tell: (text) => told.push(text) });
  return { clock, told, patience };
}

/** Lets time pass, a pause after the other, until a promise is settled; resolves with how long that took in ms. */
async function timeUntil(clock: FakeClock, promise: Promise<unknown>): Promise<number> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  const began = clock.monotonic();
  while (!isSettled) {
    await new Promise(setImmediate);
    if (!isSettled && clock.waiting > 0) clock.advance(250);
  }
  return clock.monotonic() - began;
}

test('a daemon that stays away is given up after two minutes; the error tells where it was', async () => {
  const { clock, told, patience } = rig();
  const asked = patience.ask(() => Promise.reject(LOST));
  assert.equal(await timeUntil(clock, asked), 120_000);
  await assert.rejects(asked, LOST);
  assert.deepEqual(told, [
    'lost the daemon at runnerd.sock: nobody listens there; waiting 2 minutes at most for it to come back',
  ]);
});

test('a question with a time of its own waits no longer than that', async () => {
  const { clock, patience } = rig();
  const asked = patience.ask(() => Promise.reject(LOST), clock.monotonic() + 5000);
  assert.equal(await timeUntil(clock, asked), 5000);
  await assert.rejects(asked, LOST);
});

test('each absence has its own two minutes, and is told once however many ask', async () => {
  const { clock, told, patience } = rig();
  let isThere = false;
  const question = () => (isThere ? Promise.resolve('here') : Promise.reject(LOST));
  for (let absence = 0; absence < 3; absence++) {
    isThere = false;
    const asked = [patience.ask(question), patience.ask(question)];
    const back = clock.after(90_000, () => {
      isThere = true;
    });
    await timeUntil(clock, Promise.all(asked));
    back();
    assert.deepEqual(await Promise.all(asked), ['here', 'here']);
  }
  assert.deepEqual(
    told.map((text) => text.slice(0, 10)),
    Array.from({ length: 3 }, () => ['lost the d', 'the daemon']).flat(),
  );
});

test('a daemon that never was there, and an error of another kind, are not borne', async () => {
  const { told, patience } = rig();
  for (const error of [new Unreachable('x', { wasThere: false }), new Error('other')])
    await assert.rejects(
      patience.ask(() => Promise.reject(error)),
      error,
    );
  assert.deepEqual(told, []);
});
