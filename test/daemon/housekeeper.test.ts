import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Housekeeper } from '../../src/daemon/housekeeper.ts';
import { Retention } from '../../src/daemon/retention.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { createStateStore } from '../../src/store/state-store.ts';
import type { DiskRoom } from '../../src/util/disk-room.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { idAt, runRecord } from '../support/state-records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOM: DiskRoom = { freeBytes: 2, totalBytes: 4, problem: null };
const FULL: DiskRoom = { ...ROOM, problem: 'the disk is nearly full' };

/** A daemon's disk with one run that ended at 1000; `answers` is what the disk says at each look, the last one for ever. */
async function rig(t: TestContext, answers: readonly (DiskRoom | Error)[]) {
  const state = createStateStore(new MemoryDatabase());
  const runs = temporaryFolder(t);
  const clock = new FakeClock(1000);
  const said: string[] = [];
  const say = (_fields: object, message: string) => void said.push(message);
  await state
    .batch()
    .createRun(runRecord(1, { status: 'success', endedAt: 1000 }), [])
    .commit();
  mkdirSync(join(runs, idAt(1)));
  writeFileSync(join(runs, idAt(1), 'log'), 'x');
  const limits = { maxAgeMs: 60_000, maxRuns: 100, maxBytes: 1e12 };
  const retention = new Retention({ state, runs, limits, clock, onProblem: () => assert.fail('a folder stayed') });
  let looks = 0;
  const room = async (): Promise<DiskRoom> => {
    const answer = answers[Math.min(looks++, answers.length - 1)];
    if (answer instanceof Error || answer === undefined) throw answer;
    return answer;
  };
  const log = { debug: say, info: say, warn: say, error: say };
  const damaged: string[] = [];
  const forgotten: number[] = [];
  const forget = async (now: number) => void forgotten.push(now);
  let tries = 0;
  const tryAgain = async () => void tries++;
  const keeper = new Housekeeper({ state, retention, room, tryAgain, damage: async () => damaged, forget, clock, log });
  return { state, runs, clock, said, damaged, forgotten, keeper, tries: () => tries };
}

test('old runs go while the daemon lives, not only at its start', async (t) => {
  const { state, runs, clock, said, forgotten, keeper } = await rig(t, [ROOM]);
  await keeper.start();
  keeper.tidy();
  clock.advance(3_600_000);
  await keeper.close();
  assert.equal(forgotten.at(-1), 3_601_000);
  assert.equal(state.run(idAt(1)), undefined);
  assert.equal(existsSync(join(runs, idAt(1))), false);
  assert.deepEqual(said, ['old runs removed']);
  assert.equal(clock.waiting, 0);
});

test('a full disk is told before the first run, and once, and its end too', async (t) => {
  const { clock, said, keeper } = await rig(t, [FULL, FULL, ROOM]);
  assert.equal(keeper.full, null);
  await keeper.start();
  keeper.tidy();
  assert.equal(keeper.full, FULL.problem);
  clock.advance(30_000);
  await keeper.close();
  assert.equal(keeper.full, null);
  assert.deepEqual(said, ['no new run begins', 'there is room on the disk again']);
});

test('state is written again at each look where that failed', async (t) => {
  const { clock, keeper, tries } = await rig(t, [ROOM]);
  await keeper.start();
  keeper.tidy();
  for (let look = 1; look <= 3; look++) clock.advance(2_000);
  await keeper.close();
  assert.equal(tries(), 4);
});

test('a look that fails is said, and the next is taken', async (t) => {
  const { clock, said, keeper } = await rig(t, [ROOM, new Error('no such disk'), FULL]);
  await keeper.start();
  keeper.tidy();
  clock.advance(30_000);
  await keeper.close();
  assert.equal(keeper.full, FULL.problem);
  assert.deepEqual(said, ['housekeeping failed', 'no new run begins']);
});

test('what a run takes is remembered at its end', async (t) => {
  const { state, keeper } = await rig(t, [ROOM]);
  keeper.ended(idAt(1));
  await keeper.close();
  assert.ok(((await state.keptRuns())[0]?.bytes ?? 0) > 0);
});

test('the database is read whole each day, and damage is told', async (t) => {
  const { clock, said, damaged, keeper } = await rig(t, [ROOM]);
  await keeper.start();
  keeper.tidy();
  assert.equal(keeper.damage, null);
  damaged.push('000007.ldb');
  clock.advance(24 * 3_600_000);
  await keeper.close();
  assert.equal(keeper.damage, 'the database has damaged files: 000007.ldb');
  assert.ok(said.includes('state is damaged'));
});
