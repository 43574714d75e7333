import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LevelDatabase } from '../../src/store/level-database.ts';
import { Vault } from '../../src/util/vault.ts';
import { FailingDisk } from '../support/failing-disk.ts';
import { assertHolds, writeValues } from '../support/known-values.ts';
import { cannotTrace } from '../support/system-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const VAULT = new Vault(Buffer.alloc(32, 7));

test('a disk that fails to sync costs no acknowledged commit, and what was refused is not there, now or later', {
  skip: cannotTrace(),
  timeout: 60_000,
}, async (t) => {
  const folder = temporaryFolder(t);
  const known = new Map<string, string>();
  const { database } = await LevelDatabase.open(folder, VAULT);
  for (let round = 1; round <= 3; round++) {
    assert.equal(await writeValues(database, known, 10, 400), 0);
    const [first] = known.keys();
    const disk = await FailingDisk.of(process.pid);
    await assert.rejects(
      database.commit([
        { key: String(first), value: 'changed' },
        { key: 'new', value: 'made' },
      ]),
    );
    assert.match(database.trouble ?? '', /^state cannot be written: IO error/);
    assert.equal(await writeValues(database, known, 3, 400), 3);
    await database.tryAgain();
    assert.notEqual(database.trouble, null);
    await assertHolds(database, known);
    await disk.heal();
    if (round > 1) await database.tryAgain();
    assert.equal(database.trouble === null, round > 1);
    assert.equal(await writeValues(database, known, 10, 400), 0);
    await assertHolds(database, known);
  }
  await database.close();
  const again = await LevelDatabase.open(folder, VAULT);
  assert.equal(again.loss, null);
  await assertHolds(again.database, known);
  await again.database.close();
});
