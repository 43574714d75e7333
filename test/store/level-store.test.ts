import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { LevelStore } from '../../src/store/level-store.ts';
import { storeContract } from '../contract/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

storeContract('level store', async (t) => {
  const store = await LevelStore.open(join(temporaryFolder(t), 'db'));
  t.after(() => store.close());
  return store;
});

test('what a level store took is there when it is opened again', async (t) => {
  const folder = join(temporaryFolder(t), 'db');
  const first = await LevelStore.open(folder);
  await first.put([{ key: Buffer.from('k'), value: Buffer.from('v') }]);
  await first.close();
  const second = await LevelStore.open(folder);
  assert.equal(String(await second.get(Buffer.from('k'))), 'v');
  await second.close();
});
