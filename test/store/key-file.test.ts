import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readKeyFile } from '../../src/store/key-file.ts';
import { VAULT_SECRET_BYTES } from '../../src/util/vault.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a key is made once, for its owner alone, and stays', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'below', 'key');
  const key = readKeyFile(path);
  assert.equal(key.length, VAULT_SECRET_BYTES);
  assert.deepEqual(readKeyFile(path), key);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(folder, 'below')), ['key']);
});

test('a file that is no key is refused, not replaced', (t) => {
  const path = join(temporaryFolder(t), 'key');
  writeFileSync(path, 'short');
  assert.throws(() => readKeyFile(path), /is not a key; remove it/);
});
