import assert from 'node:assert/strict';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findProgram } from '../../src/util/find-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a folder of PATH that cannot be looked into is passed over', (t) => {
  const folder = temporaryFolder(t);
  // Stands for a folder of somebody else: for root, which tests may be, there is none.
  symlinkSync('endless', join(folder, 'endless'));
  writeFileSync(join(folder, 'tool'), '');
  const path = [join(folder, 'endless'), join(folder, 'tool'), join(folder, 'missing'), folder].join(':');
  assert.equal(findProgram('tool', path), undefined);
  chmodSync(join(folder, 'tool'), 0o755);
  assert.equal(findProgram('tool', path), join(folder, 'tool'));
});
