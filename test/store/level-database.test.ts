import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { REFUSAL_CODES } from '../../src/store/database-refusal.ts';
import { LevelDatabase } from '../../src/store/level-database.ts';
import { openValue, sealValue } from '../../src/store/level-schema.ts';
import { WitnessFile } from '../../src/store/witness-file.ts';
import { Vault } from '../../src/util/vault.ts';
import { databaseContract } from '../contract/database.ts';
import { stateContract } from '../contract/state-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const VAULT = new Vault(Buffer.alloc(32, 7));

async function open(t: TestContext): Promise<LevelDatabase> {
  const { database } = await LevelDatabase.open(join(temporaryFolder(t), 'db'), VAULT);
  t.after(() => database.close());
  return database;
}

databaseContract('level database', open);
stateContract('state in a level database', open);

/** Opens the database of a folder, does something with it, and closes it. */
async function within<T>(folder: string, act: (database: LevelDatabase) => Promise<T>): Promise<T> {
  const { database } = await LevelDatabase.open(folder, VAULT);
  try {
    return await act(database);
  } finally {
    await database.close();
  }
}

const commitAll = (keys: readonly string[]) => async (database: LevelDatabase) => {
  for (const key of keys) await database.commit([{ key, value: `value of ${key}` }]);
};

/** A database that lost its newest commits: its log ends before them. */
async function cutDatabase(t: TestContext): Promise<string> {
  const folder = join(temporaryFolder(t), 'db');
  let size = 0;
  const log = () => join(folder, readdirSync(folder).find((name) => name.endsWith('.log')) ?? '');
  await within(folder, async (database) => {
    await commitAll(['a', 'b'])(database);
    size = statSync(log()).size;
    await commitAll(['c', 'd', 'e'])(database);
  });
  truncateSync(log(), size);
  return folder;
}

test('what was committed is there when the database is opened again, and nothing is said to be lost', async (t) => {
  const folder = join(temporaryFolder(t), 'db');
  await within(folder, commitAll(['a', 'b']));
  await within(folder, (database) => database.commit([{ key: 'a', value: null }]));
  const { database, loss } = await LevelDatabase.open(folder, VAULT);
  assert.deepEqual([loss, database.get('a'), database.get('b')], [null, undefined, 'value of b']);
  await database.close();
});

test('lost commits are counted, and told at every opening until that is accepted', async (t) => {
  const folder = await cutDatabase(t);
  for (const _ of [1, 2]) {
    const { database, loss } = await LevelDatabase.open(folder, VAULT);
    // The first commit is the layout's.
    assert.deepEqual(loss, { after: 3, lost: 3 });
    assert.equal(database.get('b'), 'value of b');
    await commitAll(['f'])(database);
    await database.close();
  }
  await within(folder, (database) => database.acceptLoss());
  await within(folder, commitAll(['g', 'h']));
  const { database, loss } = await LevelDatabase.open(folder, VAULT);
  assert.deepEqual([loss, database.get('h')], [null, 'value of h']);
  await database.close();
});

test('a witness that is behind, as after a loss of power, means nothing', async (t) => {
  const folder = join(temporaryFolder(t), 'db');
  await within(folder, commitAll(['a', 'b', 'c']));
  const witness = new WitnessFile(join(folder, 'WITNESS'));
  witness.write({ schema: 1, number: 2 });
  witness.close();
  const { database, loss } = await LevelDatabase.open(folder, VAULT);
  assert.equal(loss, null);
  await database.close();
});

test('a backup is made while work goes on, opens with the same key, and has all that was durable', async (t) => {
  const folder = temporaryFolder(t);
  const [original, copy] = [join(folder, 'db'), join(folder, 'copy')];
  await within(original, async (database) => {
    await commitAll(['a', 'b'])(database);
    const more = commitAll(Array.from({ length: 50 }, (_, index) => `c${index}`))(database);
    await database.backup(copy);
    await more;
    await assert.rejects(database.backup(copy), /EEXIST/);
  });
  const { database, loss } = await LevelDatabase.open(copy, VAULT);
  assert.deepEqual([loss, database.get('a'), database.get('b')], [null, 'value of a', 'value of b']);
  await commitAll(['z'])(database);
  await database.close();
});

test('a database of a newer program is refused and left as it is', async (t) => {
  const folder = join(temporaryFolder(t), 'db');
  await within(folder, commitAll(['a']));
  const witness = new WitnessFile(join(folder, 'WITNESS'));
  witness.write({ schema: 2, number: 2 });
  witness.close();
  const files = () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]);
  const before = files();
  await assert.rejects(LevelDatabase.open(folder, VAULT), { code: 'NEWER', message: /newer version .*schema 2/ });
  assert.deepEqual(files(), before);
});

test('with another key the database is refused', async (t) => {
  const folder = join(temporaryFolder(t), 'db');
  await within(folder, commitAll(['a']));
  const other = new Vault(Buffer.alloc(32, 8));
  await assert.rejects(LevelDatabase.open(folder, other), { code: 'WRONG_KEY', message: /another key/ });
  assert.equal(await within(folder, async (database) => database.get('a')), 'value of a');
});

test('a value is bound to its key: moved to another one it is an error that names that', () => {
  const sealed = sealValue(VAULT, 'a/1', 'text');
  assert.equal(openValue(VAULT, 'a/1', sealed), 'text');
  assert.throws(() => openValue(VAULT, 'a/2', sealed), /the value of "a\/2" in the database is damaged/);
});

test('no value can be read in the files, which are for their owner only, whatever the umask', async (t) => {
  const folder = join(temporaryFolder(t), 'db');
  const script = `
    const { LevelDatabase } = await import('./src/store/level-database.ts');
    const { Vault } = await import('./src/util/vault.ts');
    process.umask(0);
    const { database } = await LevelDatabase.open(process.argv[1], new Vault(Buffer.alloc(32, 7)));
    await database.commit([{ key: 'key-in-clear', value: 'hunter2-in-the-database '.repeat(9) }]);
    await database.close();`;
  execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script, folder]);
  await within(folder, commitAll(['b']));
  const names = readdirSync(folder);
  assert.equal(names.filter((name) => statSync(join(folder, name)).mode & 0o077).join(), '');
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const bytes = names.map((name) => readFileSync(join(folder, name), 'latin1')).join('');
  assert.equal(bytes.includes('key-in-clear'), true);
  assert.equal(bytes.includes('hunter2'), false);
});

test('files that others could read are made private when the database is opened', async (t) => {
  const folder = join(temporaryFolder(t), 'db');
  await within(folder, commitAll(['a']));
  const copy = join(temporaryFolder(t), 'copy');
  cpSync(folder, copy, { recursive: true });
  writeFileSync(join(copy, 'note'), '', { mode: 0o644 });
  execFileSync('chmod', ['-R', 'a+rX', copy]);
  await within(copy, async () => undefined);
  const names = readdirSync(copy).filter((name) => statSync(join(copy, name)).mode & 0o077);
  assert.deepEqual([statSync(copy).mode & 0o777, names], [0o700, []]);
});

test('the manual has every code of refusal, and no other', () => {
  const listed = readFileSync('docs/state.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \|/gm);
  assert.deepEqual(
    [...listed].map(([, code]) => code),
    [...REFUSAL_CODES],
  );
});
