import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DaemonCache } from '../../src/daemon/daemon-cache.ts';
import { ENTRIES } from '../../src/engine/cache/cache-entry.ts';
import type { Workflow } from '../../src/model/workflow.ts';
import { VAULT_SECRET_BYTES, Vault } from '../../src/util/vault.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('looking for old results makes no cache where there is none, and takes away what nobody can read', async (t) => {
  const folder = join(temporaryFolder(t), 'cache');
  const cache = new DaemonCache(folder, new Vault(Buffer.alloc(VAULT_SECRET_BYTES)), new FakeClock(1000));
  await cache.forget(1);
  assert.equal(existsSync(folder), false);
  const { store } = await cache.open({ id: 'a', tasks: [] } as unknown as Workflow);
  const key = Buffer.concat([ENTRIES, Buffer.from('x')]);
  await store.put([{ key, value: Buffer.from('no entry') }]);
  await cache.forget(1);
  assert.equal(await store.get(key), null);
  await cache.close();
});
