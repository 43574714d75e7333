import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeTree } from '../../src/util/remove-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a tree goes whole, and what its links point at stays', async (t) => {
  const root = temporaryFolder(t);
  for (const path of ['outside', 'tree/a/b/c', 'tree/a/empty', 'tree/d'])
    mkdirSync(join(root, path), { recursive: true });
  for (const path of ['outside/kept', 'tree/x', 'tree/a/x', 'tree/a/b/c/x']) writeFileSync(join(root, path), '');
  symlinkSync(join(root, 'outside'), join(root, 'tree/a/b/link'));
  execFileSync('mkfifo', [join(root, 'tree/d/fifo')]);
  await removeTree(join(root, 'tree'));
  assert.deepEqual(readdirSync(root), ['outside']);
  assert.deepEqual(readdirSync(join(root, 'outside')), ['kept']);
});

test('a file goes, and so does a link but not what it leads to; what is gone is no trouble', async (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'outside'));
  writeFileSync(join(root, 'file'), '');
  symlinkSync('outside', join(root, 'link'));
  for (const name of ['file', 'link', 'nothing', 'nothing/below']) await removeTree(join(root, name));
  assert.deepEqual(readdirSync(root), ['outside']);
});

test('a tree deeper than any path may be long goes too', async (t) => {
  const root = temporaryFolder(t);
  const script =
    'mkdir tree; cd tree; for i in $(seq 30); do d=$(printf %0200d $i); mkdir $d; cd $d; done; echo x > file';
  execFileSync('sh', ['-c', script], { cwd: root });
  await removeTree(join(root, 'tree'));
  assert.equal(existsSync(join(root, 'tree')), false);
});
