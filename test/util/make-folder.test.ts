import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../src/util/make-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a folder is made with those above it, for its owner only, and what is there stays as it is', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'a'), { mode: 0o755 });
  makeFolder(join(folder, 'a/b/c'));
  makeFolder(join(folder, 'a/b/c'));
  const modes = ['a', 'a/b', 'a/b/c'].map((name) => statSync(join(folder, name)).mode & 0o777);
  assert.deepEqual(modes, [0o755, 0o700, 0o700]);
});

test('where no folder can be made, that is an error and not a wait', (t) => {
  assert.throws(() => makeFolder('/proc/no/such'), { code: 'ENOENT' });
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => makeFolder(file), { code: 'EEXIST' });
  assert.throws(() => makeFolder(join(file, 'below')), { code: 'ENOTDIR' });
});
