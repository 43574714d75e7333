import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findFiles } from '../../../src/engine/cache/find-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const FILES = ['a.ts', 'b.js', '.hidden', 'src/a.ts', 'src/deep/er/b.ts', 'src/deep/c.js', 'other/a.ts', 'odd [x]*/é'];

test('a pattern matches names, folders, everything below, and hidden files', async (t) => {
  const folder = filled(t);
  const found = (...patterns: string[]) => paths(folder, patterns);
  assert.deepEqual(await found('*.ts'), ['a.ts']);
  assert.deepEqual(await found('**/*.ts'), ['a.ts', 'other/a.ts', 'src/a.ts', 'src/deep/er/b.ts']);
  assert.deepEqual(await found('src/**/b.ts', 'src/*.ts'), ['src/a.ts', 'src/deep/er/b.ts']);
  assert.deepEqual(await found('src/deep'), ['src/deep/c.js', 'src/deep/er/b.ts']);
  assert.deepEqual(await found('src/deep'), await found('./src/deep/'));
  assert.deepEqual(await found('src/deep'), await found('src/deep/**'));
  assert.deepEqual(await found('**'), [...FILES].sort());
  assert.deepEqual(await found('.'), [...FILES].sort());
  assert.deepEqual(await found('?.js'), ['b.js']);
  assert.deepEqual(await found('odd [x]\\*/*'), ['odd [x]*/é']);
  assert.deepEqual(await found('absent', 'absent/**'), []);
  assert.deepEqual(await found(), []);
});

test('an exclamation mark takes files out, wherever it stands', async (t) => {
  const folder = filled(t);
  assert.deepEqual(await paths(folder, ['!**/*.js', 'src']), ['src/a.ts', 'src/deep/er/b.ts']);
  assert.deepEqual(await paths(folder, ['**', '!src', '!odd*', '!.hidden']), ['a.ts', 'b.js', 'other/a.ts']);
  assert.deepEqual(await paths(folder, ['!src']), []);
});

test('inputs may stand above the folder', async (t) => {
  const folder = filled(t);
  assert.deepEqual(await paths(join(folder, 'src'), ['../*.js', 'a.ts']), ['../b.js', 'a.ts']);
  assert.deepEqual(await paths(join(folder, 'src/deep'), ['../../other']), ['../../other/a.ts']);
});

test('a link is found as itself, and what it leads to is looked at, but not in circles', async (t) => {
  const folder = filled(t);
  symlinkSync('a.ts', join(folder, 'file'));
  symlinkSync('nowhere', join(folder, 'broken'));
  symlinkSync('loop', join(folder, 'loop'));
  symlinkSync('src', join(folder, 'folder'));
  symlinkSync('..', join(folder, 'src/up'));
  const found = await findFiles(folder, ['file', 'broken', 'loop', 'folder/*']);
  assert.deepEqual(found, [
    { path: 'broken', link: 'nowhere', readable: false },
    { path: 'file', link: 'a.ts', readable: true },
    { path: 'folder/a.ts', link: null, readable: true },
    { path: 'folder/deep/c.js', link: null, readable: true },
    { path: 'folder/deep/er/b.ts', link: null, readable: true },
    { path: 'folder/up', link: '..', readable: false },
    { path: 'loop', link: 'loop', readable: false },
  ]);
});

async function paths(folder: string, patterns: readonly string[]): Promise<string[]> {
  return (await findFiles(folder, patterns)).map(({ path }) => path);
}

function filled(t: TestContext): string {
  const folder = temporaryFolder(t);
  for (const file of FILES) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), file);
  }
  return folder;
}
