import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitsFor } from '../../src/daemon/waits-for.ts';
import { runRecord } from '../support/state-records.ts';

const RUN = runRecord(10);
const FREE = { unfinished: [RUN], limit: 1, hold: null };
const PLACE = 'a free place among all runs (max_runs)';

function behind(run: typeof RUN, ...others: readonly (typeof RUN)[]): string | null {
  return waitsFor(run, { ...FREE, unfinished: [...others, run] });
}

test('a run that runs, or is over, waits for nothing', () => {
  for (const status of ['running', 'success', 'cancelled'] as const) {
    assert.equal(waitsFor({ ...RUN, status }, FREE), null);
  }
});

test('while the daemon is paused a run waits for that to end, and one that was called does not', () => {
  assert.equal(waitsFor(RUN, { ...FREE, hold: 'paused' }), 'the daemon to be resumed');
  const called = { ...RUN, parent: { run: 'r', task: 't', depth: 1, rights: 'ci' } };
  assert.equal(waitsFor(called, { ...FREE, hold: 'paused' }), PLACE);
});

test('while the daemon drains a run waits for the next start', () => {
  const words = 'the daemon to be started again: it is draining';
  assert.equal(waitsFor(RUN, { ...FREE, hold: 'draining' }), words);
});

test('a run waits for those of its group that have the room, and those before it', () => {
  const run = runRecord(10, { group: 'one' });
  const holder = runRecord(1, { group: 'one', status: 'running', workflow: 'other' });
  const before = runRecord(2, { group: 'one' });
  const after = runRecord(11, { group: 'one' });
  const elsewhere = runRecord(3, { group: 'two', status: 'running' });
  const words = 'room in the concurrency group "one": other#1, ci#2';
  assert.equal(behind(run, holder, before, elsewhere, after), words);
  assert.equal(waitsFor(run, { ...FREE, unfinished: [holder, elsewhere, run], limit: 2 }), PLACE);
});

test('a run that goes after the others of its workflow names them, the first few of many', () => {
  const run = runRecord(10, { serial: true });
  const earlier = [1, 2, 3, 4, 5, 6].map((at) => runRecord(at));
  assert.equal(behind(run, ...earlier), 'earlier runs of its workflow: ci#1, ci#2, ci#3, ci#4, ci#5 and 1 more');
  assert.equal(behind(run, runRecord(1, { workflow: 'other' }), runRecord(11)), PLACE);
});
