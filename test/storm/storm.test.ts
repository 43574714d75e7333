/**
 * Kills the daemon, its executor or both at random moments while work goes on, and asks the tasks' own ledger what happened.
 * `STORM_KILLS` says how many kills, `STORM_SEED` repeats a storm.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { dockerSkip, TEST_IMAGE } from '../support/docker.ts';
import { isThorough } from '../support/thorough.ts';
import { Storm } from './storm.ts';

const kills = Number(process.env.STORM_KILLS ?? (isThorough ? 8 : 4));
const seed = Number(process.env.STORM_SEED ?? Date.now() % 1_000_000);

test(`after ${kills} kills nothing is lost, doubled or stuck (STORM_SEED=${seed})`, (t) => {
  return weather(t, new Storm(t, seed));
});

test(`nor with tasks in containers, of which none is left (STORM_SEED=${seed})`, { skip: await dockerSkip() }, (t) => {
  return weather(t, new Storm(t, seed, TEST_IMAGE));
});

async function weather(t: TestContext, storm: Storm): Promise<void> {
  await storm.rage(kills);
  const aftermath = await storm.settle();
  assert.deepEqual(aftermath.complaints, []);
  t.diagnostic(aftermath.summary);
}
