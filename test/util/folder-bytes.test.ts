import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderBytes } from '../../src/util/folder-bytes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MEBI = 1024 * 1024;

test('all files below a folder count, links and second names do not, holes take nothing', async (t) => {
  const folder = temporaryFolder(t);
  const empty = await folderBytes(folder);
  const outside = join(temporaryFolder(t), 'large');
  writeFileSync(outside, Buffer.alloc(4 * MEBI, 'x'));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'a/b/one'), Buffer.alloc(MEBI, 'x'));
  linkSync(join(folder, 'a/b/one'), join(folder, 'again'));
  symlinkSync(outside, join(folder, 'link'));
  symlinkSync(folder, join(folder, 'loop'));
  writeFileSync(join(folder, 'holes'), '');
  truncateSync(join(folder, 'holes'), 100 * MEBI);
  const bytes = (await folderBytes(folder)) - empty;
  assert.ok(bytes >= MEBI && bytes < 2 * MEBI, String(bytes));
});

test('a folder that is not there takes nothing', async (t) => {
  assert.equal(await folderBytes(join(temporaryFolder(t), 'missing')), 0);
});
