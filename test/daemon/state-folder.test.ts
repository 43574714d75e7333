import assert from 'node:assert/strict';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStateFolder } from '../../src/daemon/state-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a state folder is made for its owner only', (t) => {
  const path = join(temporaryFolder(t), 'a/b');
  assert.equal(typeof openStateFolder(path), 'object');
  assert.equal(statSync(path).mode & 0o777, 0o700);
});

test('a state folder that cannot be made, or that others may write to, is refused in words', (t) => {
  const problem = "the state folder cannot be made: ENOENT: no such file or directory, mkdir '/proc/no'";
  assert.equal(openStateFolder('/proc/no/such'), problem);
  const path = temporaryFolder(t);
  chmodSync(path, 0o777);
  assert.equal(openStateFolder(path), `others may write to the state folder ${path}; run: chmod 700 ${path}`);
});
