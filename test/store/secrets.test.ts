import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SecretScope } from '../../src/model/secret-store.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { DatabaseSecrets } from '../../src/store/secrets.ts';
import { Vault } from '../../src/util/vault.ts';
import { FailingDatabase, fullDiskAt } from '../support/failing-database.ts';

const FIRST = new Vault(Buffer.alloc(32, 1));
const SECOND = new Vault(Buffer.alloc(32, 2));

function entry(name: string, scope: SecretScope = 'global', allow: readonly string[] = []) {
  return { name, scope, allow, updatedAt: 5 };
}

test('the narrowest scope decides which value a workflow gets', async () => {
  const secrets = new DatabaseSecrets(new MemoryDatabase(), [FIRST]);
  await secrets.set(entry('TOKEN'), 'for all');
  await secrets.set(entry('TOKEN', 'namespace:ops'), 'for ops');
  await secrets.set(entry('TOKEN', 'workflow:ops/backup'), 'for backup');
  const tokenOf = (id: string, namespace: string) => secrets.valuesFor(id, namespace, ['TOKEN']).values.get('TOKEN');
  assert.equal(tokenOf('ops/backup', 'ops'), 'for backup');
  assert.equal(tokenOf('ops/clean', 'ops'), 'for ops');
  assert.equal(tokenOf('ci', ''), 'for all');
  assert.deepEqual(secrets.valuesFor('ci', '', ['OTHER', 'TOKEN', 'OTHER']).missing, ['OTHER']);
});

test('patterns leave workflows out, and the narrowest secret is not passed over for a wider one', async () => {
  const secrets = new DatabaseSecrets(new MemoryDatabase(), [FIRST]);
  await secrets.set(entry('A', 'global', ['ops/**', 'c*']), 'a');
  await secrets.set(entry('B', 'namespace:ops', ['ops/backup']), 'b');
  await secrets.set(entry('B'), 'wide');
  assert.deepEqual([...secrets.valuesFor('ops/x/y', 'ops', ['A']).values], [['A', 'a']]);
  assert.deepEqual([...secrets.valuesFor('ci', '', ['A', 'B']).values.keys()], ['A', 'B']);
  assert.deepEqual(secrets.valuesFor('web/ci', 'web', ['A']).denied, ['A']);
  assert.deepEqual(secrets.valuesFor('ops/clean', 'ops', ['B']).denied, ['B']);
});

test('lists tell everything but values, and the database holds no value in clear', async () => {
  const database = new MemoryDatabase();
  const secrets = new DatabaseSecrets(database, [FIRST]);
  await secrets.set(entry('B', 'workflow:a/b', ['a/*']), 'hunter2-value');
  await secrets.set(entry('A'), 'x');
  await secrets.set({ ...entry('A'), updatedAt: 6 }, 'y');
  assert.deepEqual(await secrets.list(), [{ ...entry('A'), updatedAt: 6 }, entry('B', 'workflow:a/b', ['a/*'])]);
  for await (const { value } of database.list({ prefix: '' })) assert.ok(!value.includes('hunter2'));
});

test('a secret is removed from one scope or from all', async () => {
  const secrets = new DatabaseSecrets(new MemoryDatabase(), [FIRST]);
  for (const scope of ['global', 'namespace:ops', 'workflow:ci'] as const) await secrets.set(entry('A', scope), 'a');
  await secrets.set(entry('AB'), 'another');
  assert.equal(await secrets.delete('A', 'workflow:other'), 0);
  assert.equal(await secrets.delete('A', 'workflow:ci'), 1);
  assert.equal(await secrets.delete('A', null), 2);
  assert.deepEqual(
    (await secrets.list()).map(({ name }) => name),
    ['AB'],
  );
});

test('with a new key every value is sealed anew, and the old key opens none', async () => {
  const database = new MemoryDatabase();
  const secrets = new DatabaseSecrets(database, [FIRST]);
  await secrets.set(entry('A'), 'a');
  assert.equal(await secrets.rekey(SECOND), 1);
  assert.equal(secrets.valuesFor('ci', '', ['A']).values.get('A'), 'a');
  assert.equal(new DatabaseSecrets(database, [SECOND]).valuesFor('ci', '', ['A']).values.get('A'), 'a');
  assert.throws(() => new DatabaseSecrets(database, [FIRST]).valuesFor('ci', '', ['A']), /A \(global\) was sealed/);
});

test('a new key that could not be brought in leaves all as it was', async () => {
  const database = new FailingDatabase(new MemoryDatabase(), fullDiskAt(3));
  const secrets = new DatabaseSecrets(database, [FIRST]);
  await secrets.set(entry('A'), 'a');
  await assert.rejects(secrets.rekey(SECOND), /no space left/);
  assert.equal(new DatabaseSecrets(database, [FIRST]).valuesFor('ci', '', ['A']).values.get('A'), 'a');
  await secrets.set(entry('B'), 'b');
  assert.equal(new DatabaseSecrets(database, [FIRST]).valuesFor('ci', '', ['B']).values.get('B'), 'b');
});
