import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Change } from '../../src/model/database.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { StateStore } from '../../src/model/state-store.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { mendState } from '../../src/store/mend-state.ts';
import { createStateStore } from '../../src/store/state-store.ts';
import { idAt, runRecord } from '../support/state-records.ts';

const at = (time: number): RunEvent => ({ type: 'run-started', at: time });
const DEFINITION = { hash: 'd1', workflow: 'ci', file: 'ci.yml', text: '' };

/** The commits of a history, of which some can be left out as a damaged disk does. */
class Recorder extends MemoryDatabase {
  readonly commits: (readonly Change[])[] = [];

  override commit(changes: readonly Change[]): Promise<void> {
    this.commits.push(changes);
    return super.commit(changes);
  }

  async without(lost: ReadonlySet<number>): Promise<MemoryDatabase> {
    const database = new MemoryDatabase();
    for (const [index, changes] of this.commits.entries()) if (!lost.has(index)) await database.commit(changes);
    return database;
  }
}

/** One step in the life of run 1, 2 or 3: it is created, goes on, ends, is taken away; where it can do none of that, nothing. */
async function step(store: StateStore, run: number, kind: 'event' | 'end' | 'delete'): Promise<void> {
  const record = store.run(idAt(run));
  const workflow = run === 3 ? 'cd' : 'ci';
  const batch = store.batch().recordAudit({ at: 1, actor: 'cli', action: 'run.start', subject: '', result: '' });
  if (!record) {
    const created = runRecord(run, { workflow, number: store.nextNumber(workflow) });
    await batch
      .keepDefinition(DEFINITION)
      .createRun(created, [at(0)])
      .commit();
  } else if (record.endedAt !== null) {
    if (kind === 'delete') await batch.deleteRun(idAt(run)).commit();
  } else {
    const count = (await store.events(idAt(run))).length;
    const next = kind === 'end' ? { ...record, status: 'success' as const, endedAt: count } : record;
    await batch
      .append(idAt(run), count, [at(count)])
      .updateRun(next)
      .commit();
  }
}

/** Asks everything, which fails where something does not fit; then lives on. */
async function assertFits(store: StateStore): Promise<void> {
  const { runs } = await store.runs({ limit: 99 });
  const ids = new Set(runs.map(({ header }) => header.id));
  for (const workflow of ['ci', 'cd']) {
    for (const status of ['queued', 'success'] as const) {
      const found = await store.runs({ workflow, status, limit: 99 });
      const expected = runs.filter((run) => run.header.workflow === workflow && run.status === status);
      assert.deepEqual(found.runs, expected);
    }
  }
  const over = await store.endedRuns({ limit: 99 });
  assert.equal(over.length + (await store.unfinishedRuns()).length, ids.size);
  for (const { header } of runs) {
    const events = await store.events(header.id);
    assert.deepEqual(
      events,
      events.map((_, seq) => at(seq)),
    );
    assert.ok(events.length > 0 && header.number < store.nextNumber(header.workflow));
  }
  assert.equal(store.definition('d1') === undefined && runs.length > 0, false);
  for (const run of [1, 2, 3]) for (const kind of ['event', 'end', 'delete'] as const) await step(store, run, kind);
  assert.deepEqual(await store.runs({ limit: 9 }), { runs: [], more: false });
  assert.equal(store.definition('d1'), undefined);
}

test('whatever commits are lost, the mended state fits together and can be lived with', async () => {
  const kinds = fc.constantFrom('event' as const, 'event' as const, 'end' as const, 'delete' as const);
  const history = fc.array(fc.tuple(fc.constantFrom(1, 2, 3), kinds), { minLength: 1, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(history, fc.uniqueArray(fc.nat(25), { maxLength: 5 }), async (steps, lost) => {
      const recorder = new Recorder();
      for (const [run, kind] of steps) await step(createStateStore(recorder), run, kind);
      const database = await recorder.without(new Set(lost));
      await mendState(database);
      await assertFits(createStateStore(database));
    }),
    { numRuns: 300 },
  );
});

test('a run whose removal was lost, and whose definition went with the last that used it, is removed', async () => {
  const recorder = new Recorder();
  const store = createStateStore(recorder);
  for (const run of [2, 3]) for (const kind of ['event', 'end'] as const) await step(store, run, kind);
  for (const run of [2, 3]) await step(store, run, 'delete');
  const database = await recorder.without(new Set([4]));
  assert.deepEqual(await mendState(database), { removed: [idAt(2)], shortened: [] });
  await assertFits(createStateStore(database));
});

test('a run without its beginning is removed, one without its middle is shortened, and a whole one is left alone', async () => {
  const recorder = new Recorder();
  const store = createStateStore(recorder);
  for (const run of [1, 2, 3]) for (let count = 0; count < 4; count++) await step(store, run, 'event');
  // Commits 0 to 3 are of run 1, 4 to 7 of run 2.
  const database = await recorder.without(new Set([0, 6]));
  assert.deepEqual(await mendState(database), { removed: [idAt(1)], shortened: [idAt(2)] });
  const mended = createStateStore(database);
  assert.equal((await mended.events(idAt(2))).length, 2);
  assert.equal((await mended.events(idAt(3))).length, 4);
  assert.equal(mended.nextNumber('ci'), 3);
  assert.deepEqual(await mendState(database), { removed: [], shortened: [] });
});
