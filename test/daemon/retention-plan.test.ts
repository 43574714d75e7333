import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planRetention, type RetentionLimits } from '../../src/daemon/retention-plan.ts';
import type { KeptRun } from '../../src/model/state-store.ts';

const NONE: RetentionLimits = { maxAgeMs: 1e15, maxRuns: 1e6, maxBytes: 1e15 };

function run(id: string, endedAt: number, bytes: number | null = 1, workflow = 'ci'): KeptRun {
  return { id, workflow, endedAt, bytes };
}

function planned(runs: readonly KeptRun[], limits: Partial<RetentionLimits>, now = 100): string[] {
  return planRetention(runs, { ...NONE, ...limits }, now).map(({ run: { id }, reason }) => `${id} ${reason}`);
}

test('a run goes once it ended longer ago than the age', () => {
  assert.deepEqual(planned([run('a', 49), run('b', 50)], { maxAgeMs: 50 }), ['a age']);
});

test('of each workflow the newest stay', () => {
  const runs = [run('a', 1), run('b', 2), run('c', 3), run('d', 1, 1, 'cd')];
  assert.deepEqual(planned(runs, { maxRuns: 2 }), ['a count']);
});

test('the oldest of all give way until the others fit', () => {
  const runs = [run('a', 1, 5), run('b', 2, 5, 'cd'), run('c', 3, 5), run('d', 4, null)];
  assert.deepEqual(planned(runs, { maxBytes: 10 }), ['a bytes']);
  assert.deepEqual(planned(runs, { maxBytes: 9 }), ['a bytes', 'b bytes']);
});

test('what goes by age or count does not push others out', () => {
  const runs = [run('old', 1, 100), run('new', 90, 10)];
  assert.deepEqual(planned(runs, { maxAgeMs: 50, maxBytes: 10 }), ['old age']);
});

const RUNS = fc.uniqueArray(
  fc.record({
    id: fc.uuid({ version: 7 }),
    workflow: fc.constantFrom('a', 'b', 'c'),
    endedAt: fc.nat(100),
    bytes: fc.option(fc.nat(50)),
  }),
  { selector: ({ id }) => id },
);
const LIMITS = fc.record({ maxAgeMs: fc.nat(120), maxRuns: fc.nat(5), maxBytes: fc.nat(200) });

test('what stays keeps every bound, and what goes would break one', () => {
  fc.assert(
    fc.property(RUNS, LIMITS, (runs, limits) => {
      const removals = planRetention(runs, limits, 110);
      const gone = new Set(removals.map((removal) => removal.run.id));
      const kept = runs.filter(({ id }) => !gone.has(id));
      assert.equal(gone.size + kept.length, runs.length);
      assert.ok(kept.every(({ endedAt }) => 110 - endedAt <= limits.maxAgeMs));
      for (const workflow of ['a', 'b', 'c']) {
        assert.ok(kept.filter((one) => one.workflow === workflow).length <= limits.maxRuns);
      }
      assert.ok(bytesOf(kept) <= limits.maxBytes);
      for (const { run: removed, reason } of removals) {
        const younger = runs.filter((one) => one.endedAt >= removed.endedAt && one.id !== removed.id);
        if (reason === 'age') assert.ok(110 - removed.endedAt > limits.maxAgeMs);
        if (reason === 'count')
          assert.ok(younger.filter(({ workflow }) => workflow === removed.workflow).length >= limits.maxRuns);
        if (reason === 'bytes') assert.ok(bytesOf([...younger, removed]) > limits.maxBytes);
      }
    }),
  );
});

test('the order in which runs are told does not matter', () => {
  fc.assert(
    fc.property(RUNS, LIMITS, (runs, limits) => {
      assert.deepEqual(planRetention([...runs].reverse(), limits, 110), planRetention(runs, limits, 110));
    }),
  );
});

function bytesOf(runs: readonly KeptRun[]): number {
  return runs.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
}
