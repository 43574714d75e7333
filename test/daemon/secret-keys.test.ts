import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rekeySecrets, secretVaults } from '../../src/daemon/secret-keys.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { DatabaseSecrets } from '../../src/store/secrets.ts';
import { VAULT_SECRET_BYTES, Vault } from '../../src/util/vault.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const whole = new Vault(Buffer.alloc(VAULT_SECRET_BYTES, 1));
const ENTRY = { name: 'KEY', scope: 'global', allow: [], updatedAt: 1 } as const;

const storedIn = (secrets: DatabaseSecrets) => secrets.valuesFor('a', '', ['KEY']).values.get('KEY');

test('after a rekey secrets open with the new key file, and no more with the old key', async (t) => {
  const file = join(temporaryFolder(t), 'secret-key');
  const database = new MemoryDatabase();
  const secrets = new DatabaseSecrets(database, secretVaults(file, whole));
  await secrets.set(ENTRY, 'value');
  assert.equal(await rekeySecrets(file, secrets), 1);
  assert.deepEqual([statSync(file).mode & 0o777, existsSync(`${file}.new`)], [0o600, false]);
  const first = readFileSync(file);
  assert.equal(storedIn(new DatabaseSecrets(database, [new Vault(first)])), 'value');
  assert.throws(() => storedIn(new DatabaseSecrets(database, [whole])), /sealed with another key/);
  await rekeySecrets(file, secrets);
  assert.notDeepEqual(readFileSync(file), first);
  assert.equal(storedIn(new DatabaseSecrets(database, secretVaults(file, whole))), 'value');
});

test('a rekey that could not be written, or was cut off, loses nothing and is seen through later', async (t) => {
  const file = join(temporaryFolder(t), 'secret-key');
  const database = new MemoryDatabase();
  const secrets = new DatabaseSecrets(database, secretVaults(file, whole));
  await secrets.set(ENTRY, 'value');
  const failing = { rekey: () => Promise.reject(new Error('no space')) } as unknown as DatabaseSecrets;
  await assert.rejects(rekeySecrets(file, failing), /no space/);
  assert.ok(existsSync(`${file}.new`));
  const afterwards = new DatabaseSecrets(database, secretVaults(file, whole));
  assert.equal(storedIn(afterwards), 'value');
  await afterwards.set(ENTRY, 'changed');
  assert.equal(storedIn(new DatabaseSecrets(database, secretVaults(file, whole))), 'changed');
  await rekeySecrets(file, afterwards);
  assert.equal(existsSync(`${file}.new`), false);
  assert.equal(storedIn(new DatabaseSecrets(database, [new Vault(readFileSync(file))])), 'changed');
});
