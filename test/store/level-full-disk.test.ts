import assert from 'node:assert/strict';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LevelDatabase } from '../../src/store/level-database.ts';
import { Vault } from '../../src/util/vault.ts';
import { assertHolds, writeValues } from '../support/known-values.ts';
import { cannotMount, fillDisk, mountSmallDisk } from '../support/small-disk.ts';

const VAULT = new Vault(Buffer.alloc(32, 7));
const KIB = 1024;

/** Where LevelDB fails depends on what is free: in its log, or while it makes a table of that, and then it gives up writing. */
const PLACES: readonly [string, { readonly before: number; readonly free: number }][] = [
  ['in the middle of a record', { before: 20, free: 10 * KIB }],
  ['while a log is made into a table', { before: 220, free: 600 * KIB }],
];

for (const [place, { before, free }] of PLACES) {
  test(`a disk that is full ${place} costs no acknowledged commit, and room is enough to go on`, {
    skip: cannotMount(),
  }, async (t) => {
    const disk = mkdtempSync(join(tmpdir(), 'runner-test-'));
    // Given back, it has room for every log there may be to be made into tables, however late LevelDB is with that.
    const unmount = mountSmallDisk(disk, '8m');
    t.after(() => {
      unmount();
      rmdirSync(disk);
    });
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
