import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { MarkSearch } from '../../src/executor/mark-search.ts';

test('every search finds the processes with its own mark, however many search at once', async (t) => {
  const marks = ['SEARCH=one', 'SEARCH=two', 'SEARCH=on'].map((mark) => `${mark}-${process.pid}`);
  const [one, two] = await Promise.all(marks.slice(0, 2).map((mark) => marked(t, mark)));
  const search = new MarkSearch();
  const found = await Promise.all([...marks, ...marks].map((mark) => search.find(mark)));
  const expected = [[one?.pid], [two?.pid], []];
  assert.deepEqual(found, [...expected, ...expected]);
});

/** A process that carries the mark and has begun its program. */
async function marked(t: TestContext, mark: string): Promise<ChildProcess> {
  const [name = '', value] = mark.split('=');
  const child = spawn('cat', { env: { PATH: process.env.PATH, [name]: value }, stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  child.stdin.write('begun\n');
  await once(child.stdout, 'data');
  return child;
}
