import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { LevelDatabase } from '../../src/store/level-database.ts';
import { Vault } from '../../src/util/vault.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Writer {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
}

/** Starts a process that writes to a database from a number on; see `write-commits.ts`. */
function startWriter(t: TestContext, folder: string, from: number): Writer {
  const child = spawn(process.execPath, writerArguments(folder, from), { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

function writerArguments(folder: string, ...numbers: readonly number[]): string[] {
  const script = resolve('test/support/write-commits.ts');
  return ['--import', import.meta.resolve('tsx'), script, folder, ...numbers.map(String)];
}

/** Kills a writer after so many answers. Resolves to the numbers it acknowledged, also those still on their way to us. */
async function killAfter({ child, lines }: Writer, answers: number): Promise<number[]> {
  const numbers: number[] = [];
  const closed = once(child, 'close');
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    if (line.value !== 'open') numbers.push(Number(line.value));
    if (numbers.length === answers) child.kill('SIGKILL');
  }
  await closed;
  return numbers;
}

test('whatever was acknowledged before a kill -9 is there, in order, and nothing is torn', {
  timeout: 120_000,
}, async (t) => {
  const folder = join(temporaryFolder(t), 'db');
  let next = 0;
  for (const answers of [1, 7, 40, 300, 900]) {
    const acknowledged = await killAfter(startWriter(t, folder, next), answers);
    assert.ok(acknowledged.length >= answers);
    const { database, loss } = await LevelDatabase.open(folder, new Vault(Buffer.alloc(32, 7)));
    assert.equal(loss, null);
    const last = Math.max(...acknowledged);
    for (next = 0; database.get(`a/${next}`) !== undefined; next++) {
      assert.equal(database.get(`a/${next}`), String(next).repeat(50));
      assert.equal(database.get(`b/${next}`), String(next).repeat(50));
    }
    assert.ok(next > last, `${last} was acknowledged, ${next} is missing`);
    let keys = 0;
    for await (const _ of database.list({ prefix: '' })) keys++;
    assert.equal(keys, 2 * next);
    await database.close();
  }
});

test('of processes that open a database at the same time exactly one gets it', { timeout: 120_000 }, async (t) => {
  const folder = join(temporaryFolder(t), 'db');
  const writers = [0, 1, 2].map(() => startWriter(t, folder, 0));
  const answers = await Promise.all(writers.map(async ({ lines }) => (await lines.next()).value));
  assert.deepEqual(answers.sort(), ['LEVEL_LOCKED', 'LEVEL_LOCKED', 'open']);
});

test('an answer follows a sync of the disk', { timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const trace = join(folder, 'trace');
  if (spawnSync('strace', ['-o', trace, 'true']).status !== 0) return t.skip('strace is missing or may not trace');
  const strace = ['-f', '-qq', '-e', 'trace=fdatasync,write', '-e', 'signal=none', '-o', trace];
  spawnSync('strace', [...strace, process.execPath, ...writerArguments(join(folder, 'db'), 0, 30)]);
  let answers = 0;
  // Three commits at a time share a sync.
  let allowed = 0;
  for (const call of readFileSync(trace, 'utf8').split('\n')) {
    if (/fdatasync.*= 0$/.test(call)) allowed = 3;
    if (!/write\(1, "\d+\\n"/.test(call)) continue;
    answers++;
    allowed--;
    assert.ok(allowed >= 0, `${call}: the answer to a commit that is not on the disk`);
  }
  assert.equal(answers, 30);
});
