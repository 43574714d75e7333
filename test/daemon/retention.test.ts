import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Retention } from '../../src/daemon/retention.ts';
import type { RetentionLimits } from '../../src/daemon/retention-plan.ts';
import type { Database } from '../../src/model/database.ts';
import { MANUAL_FIRING } from '../../src/model/manual-firing.ts';
import type { StateStore } from '../../src/model/state-store.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { createStateStore } from '../../src/store/state-store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { idAt, runRecord } from '../support/state-records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MEBI = 1024 * 1024;

interface Rig {
  readonly state: StateStore;
  readonly runs: string;
  readonly retention: Retention;
  readonly problems: string[];
  folder(at: number): string;
}

/** Runs 1 to 4, each with a log of a mebibyte, ended a second after each other; 4 is not over. */
async function rig(
  t: TestContext,
  limits: Partial<RetentionLimits>,
  database: Database = new MemoryDatabase(),
): Promise<Rig> {
  const state = createStateStore(database);
  const runs = temporaryFolder(t);
  const problems: string[] = [];
  const folder = (at: number) => join(runs, idAt(at));
  for (const at of [1, 2, 3, 4]) {
    mkdirSync(join(folder(at), 'logs'), { recursive: true });
    writeFileSync(join(folder(at), 'logs', 'a.1.log'), Buffer.alloc(MEBI, 'x'));
    const over = at < 4 ? ({ status: 'success', endedAt: at * 1000 } as const) : {};
    await state.batch().createRun(runRecord(at, over), []).commit();
  }
  const retention = new Retention({
    state,
    runs,
    limits: { maxAgeMs: 1e9, maxRuns: 100, maxBytes: 1e12, ...limits },
    clock: new FakeClock(10_000),
    onProblem: (path) => problems.push(path),
  });
  return { state, runs, retention, problems, folder };
}

test('a run that passed a bound goes with its record and its folder, one that is not over never does', async (t) => {
  const { state, retention, folder } = await rig(t, { maxAgeMs: 0 });
  const report = await retention.sweep(false);
  assert.deepEqual([report.runs, report.dry_run], [3, false]);
  assert.ok(report.bytes >= 3 * MEBI && report.bytes < 4 * MEBI, String(report.bytes));
  assert.deepEqual(
    [1, 2, 3, 4].map((at) => [state.run(idAt(at)) !== undefined, existsSync(folder(at))]),
    [
      [false, false],
      [false, false],
      [false, false],
      [true, true],
    ],
  );
});

test('the sizes of folders decide which runs fit, and are measured once', async (t) => {
  const { state, retention, folder } = await rig(t, { maxBytes: 1.5 * MEBI });
  for (const at of [1, 2]) await retention.measure(idAt(at));
  writeFileSync(join(folder(2), 'later'), Buffer.alloc(MEBI));
  const report = await retention.sweep(false);
  assert.equal(report.runs, 2);
  assert.ok(report.bytes < 2.5 * MEBI, 'what came after the end was counted');
  assert.deepEqual(
    (await state.keptRuns()).map(({ id }) => id),
    [idAt(3)],
  );
  assert.ok(((await state.keptRuns())[0]?.bytes ?? 0) >= MEBI);
});

test('a dry run says the same and removes nothing', async (t) => {
  const { state, retention, folder } = await rig(t, { maxRuns: 1 });
  const dry = await retention.sweep(true);
  assert.equal((await state.keptRuns()).length, 3);
  assert.ok(existsSync(folder(1)));
  assert.deepEqual({ ...(await retention.sweep(false)), dry_run: true }, dry);
});

test('a folder whose record is gone already is found, and nothing that is not a run', async (t) => {
  const { state, runs, retention, folder } = await rig(t, {});
  await state.batch().deleteRun(idAt(1)).commit();
  mkdirSync(join(runs, 'lost+found'));
  await retention.sweep(true);
  assert.ok(existsSync(folder(1)));
  await retention.sweep(false);
  assert.deepEqual(
    [existsSync(folder(1)), existsSync(folder(2)), existsSync(join(runs, 'lost+found'))],
    [false, true, true],
  );
});

test('sweeps that are asked for together follow one another', async (t) => {
  const { retention, problems } = await rig(t, { maxRuns: 1 });
  const reports = await Promise.all([retention.sweep(false), retention.sweep(false)]);
  assert.deepEqual(
    reports.map(({ runs }) => runs),
    [2, 0],
  );
  assert.deepEqual(problems, []);
});

test('a run that was removed meanwhile is measured without harm', async (t) => {
  const { retention } = await rig(t, {});
  assert.equal(await retention.measure(idAt(99)), 0);
});

test('what the records of a run take counts as well: its events and its payload', async (t) => {
  const { state, retention } = await rig(t, { maxBytes: MEBI });
  const header = { ...runRecord(9).header, firing: { ...MANUAL_FIRING, payload: { text: 'x'.repeat(2 * MEBI) } } };
  const record = runRecord(9, { status: 'success', endedAt: 9000 });
  await state
    .batch()
    .createRun(record, [{ type: 'run-created', at: 9, run: header }])
    .commit();
  assert.ok((await retention.measure(idAt(9))) > 2 * MEBI);
  assert.equal((await retention.sweep(true)).runs, 4);
});

test('a sweep that finds nothing too old opens no record, however many runs there are', async (t) => {
  const database = new CountingDatabase();
  const { retention } = await rig(t, {}, database);
  await retention.sweep(false);
  const before = database.gets;
  await retention.sweep(false);
  assert.equal(database.gets - before, 1, 'only that of the run that is not over');
});

class CountingDatabase extends MemoryDatabase {
  gets = 0;

  override get(key: string): string | undefined {
    this.gets += 1;
    return super.get(key);
  }
}
