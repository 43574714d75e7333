import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { DatabaseRefusal } from '../../src/store/database-refusal.ts';
import { LevelDatabase, type OpenedDatabase } from '../../src/store/level-database.ts';
import { isTableWhole } from '../../src/store/level-table.ts';
import { Vault } from '../../src/util/vault.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { folderForFile } from '../support/temporary-folder-of-file.ts';

const VAULT = new Vault(Buffer.alloc(32, 7));
const folder = folderForFile();
/** A database with tables and a log, and what is in it. */
const whole = join(folder, 'whole');
const content = new Map<string, string>();

before(async () => {
  await fill('a', 300, 4000);
  await fill('b', 300, 400);
});

async function fill(prefix: string, count: number, size: number): Promise<void> {
  const { database } = await LevelDatabase.open(whole, VAULT);
  for (let index = 0; index < count; index++) {
    const [key, value] = [`${prefix}/${index}`, `${prefix}${index} `.repeat(size / 4)];
    await database.commit([{ key, value }]);
    content.set(key, value);
  }
  await database.close();
}

/** What became of a database after damage: it says so in one way or another, or nothing is wrong with it. */
type Outcome = 'refused' | 'loss seen' | 'error seen' | 'nothing wrong';

async function outcomeOf(database: string): Promise<Outcome> {
  let opened: OpenedDatabase;
  try {
    opened = await LevelDatabase.open(database, VAULT);
  } catch (error) {
    assert.ok(error instanceof DatabaseRefusal, String(error));
    assert.ok(error.message.includes(database), error.message);
    return 'refused';
  }
  try {
    if (opened.loss) return 'loss seen';
    return await readAll(opened.database);
  } finally {
    await opened.database.close();
  }
}

async function readAll(database: LevelDatabase): Promise<Outcome> {
  const seen = new Map<string, string>();
  try {
    for await (const { key, value } of database.list({ prefix: '' })) seen.set(key, value);
    for (const key of content.keys()) assert.equal(database.get(key), content.get(key), `silently lost: ${key}`);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return 'error seen';
  }
  assert.deepEqual(seen, content);
  return 'nothing wrong';
}

/** A copy of the whole database, with a damage. */
function damagedCopy(t: TestContext, damage: (file: (pattern: RegExp) => string) => void): string {
  const copy = join(temporaryFolder(t), 'db');
  cpSync(whole, copy, { recursive: true });
  damage((pattern) => {
    const name = readdirSync(copy)
      .filter((one) => pattern.test(one))
      .sort()
      .at(-1);
    assert.ok(name, `no file like ${pattern}`);
    return join(copy, name);
  });
  return copy;
}

function flipBit(path: string, position: number): void {
  const bytes = readFileSync(path);
  bytes[position] = (bytes[position] ?? 0) ^ (1 << (position % 8));
  writeFileSync(path, bytes);
}

test('nothing is wrong with the database that is damaged in what follows', async (t) => {
  assert.equal(await outcomeOf(damagedCopy(t, () => {})), 'nothing wrong');
});

const DAMAGES: readonly [string, (file: (pattern: RegExp) => string) => void, Outcome][] = [
  ['the log is cut', (file) => truncateSync(file(/\.log$/), 50_000), 'loss seen'],
  ['the log is gone', (file) => rmSync(file(/\.log$/)), 'loss seen'],
  ['the log is empty', (file) => truncateSync(file(/\.log$/)), 'loss seen'],
  ['one bit of the log is flipped', (file) => flipBit(file(/\.log$/), 40_000), 'loss seen'],
  ['the log ends in half a record', (file) => appendFileSync(file(/\.log$/), 'x'.repeat(99)), 'nothing wrong'],
  ['CURRENT is gone', (file) => rmSync(file(/^CURRENT$/)), 'refused'],
  ['CURRENT is empty', (file) => truncateSync(file(/^CURRENT$/)), 'refused'],
  ['the manifest is gone', (file) => rmSync(file(/^MANIFEST/)), 'refused'],
  ['the manifest is cut', (file) => truncateSync(file(/^MANIFEST/), 60), 'refused'],
  ['a table is gone', (file) => rmSync(file(/\.ldb$/)), 'refused'],
  ['a table is cut', (file) => truncateSync(file(/\.ldb$/), 9000), 'refused'],
  ['the witness is gone', (file) => rmSync(file(/^WITNESS$/)), 'nothing wrong'],
  ['the witness is empty', (file) => truncateSync(file(/^WITNESS$/)), 'nothing wrong'],
];

for (const [what, damage, outcome] of DAMAGES) {
  test(`${what}: ${outcome}`, async (t) => {
    assert.equal(await outcomeOf(damagedCopy(t, damage)), outcome);
  });
}

for (const pattern of [/\.log$/, /^MANIFEST/, /^CURRENT$/, /^WITNESS$/]) {
  test(`a flipped bit anywhere in ${pattern.source} never goes unnoticed and never changes a value`, async (t) => {
    const outcomes = new Set<Outcome>();
    for (let step = 0; step < 24; step++) {
      const copy = damagedCopy(t, (file) => {
        const path = file(pattern);
        flipBit(path, Math.floor((statSync(path).size * (step + 0.37)) / 24));
      });
      outcomes.add(await outcomeOf(copy));
      rmSync(copy, { recursive: true });
    }
    t.diagnostic([...outcomes].join(', '));
  });
}

test('a flipped bit anywhere in a table is found by its checksums', () => {
  for (const name of readdirSync(whole).filter((one) => one.endsWith('.ldb'))) {
    const bytes = readFileSync(join(whole, name));
    assert.equal(isTableWhole(bytes), true);
    for (let step = 0; step < 150; step++) {
      // The footer of 48 bytes has unused ones.
      const position = Math.floor(((bytes.length - 48) * (step + 0.37)) / 150);
      const damaged = Buffer.from(bytes);
      damaged[position] = (damaged[position] ?? 0) ^ (1 << (step % 8));
      assert.equal(isTableWhole(damaged), false, `${name}, byte ${position}`);
    }
    for (const end of [0, 40, 100, bytes.length - 1]) assert.equal(isTableWhole(bytes.subarray(0, end)), false);
  }
});

test('a damaged table is named by a check, and refused where an opening has ended the process before', async (t) => {
  const copy = damagedCopy(t, (file) => flipBit(file(/\.ldb$/), 20));
  const { database } = await LevelDatabase.open(copy, VAULT);
  assert.equal((await database.check()).length, 1);
  await database.close();
  writeFileSync(join(copy, 'OPENING'), '');
  assert.equal(await outcomeOf(copy), 'refused');
});

test('where an opening has ended the process before, a whole database opens, an unfinished table in it or not', async (t) => {
  const copy = damagedCopy(t, () => {});
  writeFileSync(join(copy, 'OPENING'), '');
  writeFileSync(join(copy, '999999.ldb'), 'half a tab');
  assert.equal(await outcomeOf(copy), 'nothing wrong');
  assert.equal(existsSync(join(copy, 'OPENING')), false);
});
