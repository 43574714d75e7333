import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { LevelDatabase } from '../../src/store/level-database.ts';
import { Vault } from '../../src/util/vault.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Starts a process that writes to a database from a number on; see `write-commits.ts`. */
function startWriter(
  t: TestContext,
  folder: string,
  from: number,
): { child: ChildProcess; lines: AsyncIterator<string> } {
  const script = resolve('test/support/write-commits.ts');
  const argv = ['--import', import.meta.resolve('tsx'), script, folder, String(from)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  assert.ok(child.stdout);
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** Kills a writer after so many answers. Resolves to the numbers it acknowledged, also those still on their way to us. */
async function killAfter({ child, lines }: ReturnType<typeof startWriter>, answers: number): Promise<number[]> {
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
