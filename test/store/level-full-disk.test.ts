import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LevelDatabase } from '../../src/store/level-database.ts';
import { Vault } from '../../src/util/vault.ts';
import { assertHolds, writeValues } from '../support/known-values.ts';

const VAULT = new Vault(Buffer.alloc(32, 7));
const KIB = 1024;

/** A file system of 3 MB, or null where we may not mount one. */
function smallDisk(t: TestContext): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmdirSync(folder);
    return null;
  }
  t.after(() => {
    execFileSync('umount', ['-l', folder]);
    rmdirSync(folder);
  });
  return folder;
}

/** Takes the space of a disk but for some bytes. Returns the way to give it back. */
function fillDisk(disk: string, rest: number): () => void {
  const { bavail, bsize } = statfsSync(disk);
  const path = join(disk, 'filler');
  writeFileSync(path, Buffer.alloc(Math.max(0, bavail * bsize - rest)));
  return () => rmSync(path);
}

/** Where LevelDB fails depends on what is free: in its log, or while it makes a table of that, and then it gives up writing. */
const PLACES: readonly [string, { readonly before: number; readonly free: number }][] = [
  ['in the middle of a record', { before: 20, free: 10 * KIB }],
  ['while a log is made into a table', { before: 220, free: 600 * KIB }],
];

for (const [place, { before, free }] of PLACES) {
  test(`a disk that is full ${place} costs no acknowledged commit, and room is enough to go on`, async (t) => {
    const disk = smallDisk(t);
    if (disk === null) return t.skip('no permission to mount a small file system');
    const folder = join(disk, 'db');
    const known = new Map<string, string>();
    const { database } = await LevelDatabase.open(folder, VAULT);
    assert.equal(await writeValues(database, known, before, 4000), 0);
    const giveBack = fillDisk(disk, free);
    assert.ok((await writeValues(database, known, 170, 4000)) > 0);
    await assertHolds(database, known);
    giveBack();
    assert.equal(await writeValues(database, known, 40, 4000), 0);
    await assertHolds(database, known);
    await database.close();
    const again = await LevelDatabase.open(folder, VAULT);
    assert.equal(again.loss, null);
    await assertHolds(again.database, known);
    await again.database.close();
  });
}
