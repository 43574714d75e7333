import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OpenFolder } from '../../src/util/open-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LINUX = { skip: process.platform === 'linux' ? false : 'only Linux names what is open' };

test('what is done in an open folder is done there, though a link has taken its name', LINUX, async (t) => {
  const root = temporaryFolder(t);
  for (const name of ['mine', 'theirs']) mkdirSync(join(root, name));
  const folder = await OpenFolder.open(join(root, 'mine'));
  t.after(() => folder.close());
  renameSync(join(root, 'mine'), join(root, 'moved'));
  symlinkSync('theirs', join(root, 'mine'));
  writeFileSync(folder.at('note'), '');
  assert.deepEqual([readdirSync(join(root, 'moved')), readdirSync(join(root, 'theirs'))], [['note'], []]);
});

test('a folder in it is entered, a link or a file never, and what is missing is told', async (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'below'));
  symlinkSync('below', join(root, 'link'));
  writeFileSync(join(root, 'file'), '');
  const folder = await OpenFolder.open(root);
  t.after(() => folder.close());
  const below = await folder.enter('below');
  t.after(() => below?.close());
  assert.equal(below?.pathOf('x'), join(root, 'below', 'x'));
  assert.deepEqual([await folder.enter('link'), await folder.enter('file')], [null, null]);
  await assert.rejects(folder.enter('nothing'), /ENOENT/);
});
