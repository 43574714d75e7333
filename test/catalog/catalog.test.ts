import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CatalogRig, titled } from '../support/catalog-rig.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = join(temporaryFolder(t), 'workflows');
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) write(folder, path, text);
  return folder;
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test('ids are paths below the folder without extension, and the first folder is the namespace', async (t) => {
  const folder = folderWith(t, {
    'a.yml': titled('A'),
    'ops/backup.yaml': titled('B'),
    'ops/db/dump.yml': 'taskGroup: 3',
  });
  const rig = await CatalogRig.open(t, folder);
  assert.deepEqual(rig.shelf, ['a good A', 'ops/backup good B', 'ops/db/dump invalid -']);
  assert.equal(rig.entry('ops/backup').workflow?.namespace, 'ops');
  assert.equal(rig.entry('ops/backup').file, 'workflows/ops/backup.yaml');
  assert.equal(rig.catalog.degraded, null);
  assert.deepEqual(rig.story, ['changed a good', 'changed ops/backup good', 'changed ops/db/dump invalid']);
});

test('hidden files and folders, and what editors leave beside a file, are passed over', async (t) => {
  const odd = [
    '.a.yml',
    '.git/b.yml',
    '.a.yml.swp',
    'a.yml~',
    '#a.yml#',
    '.#a.yml',
    '~$a.yml',
    '4913',
    'a.yml.bak',
    'README.md',
  ];
  const folder = folderWith(t, Object.fromEntries(odd.map((name) => [name, titled('Odd')])));
  assert.deepEqual((await CatalogRig.open(t, folder)).shelf, []);
});

test('a broken edit leaves the last good version, and mending it brings the new one', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One') });
  const rig = await CatalogRig.open(t, folder);
  const first = rig.entry('a').workflow;
  write(folder, 'a.yml', 'name: Two\ntaskGroup: [{ nam: a }]\n');
  await rig.catalog.rescan();
  assert.deepEqual(rig.shelf, ['a stale One']);
  assert.equal(rig.entry('a').workflow, first);
  assert.ok(rig.codes('a').includes('unknown-key'));
  write(folder, 'a.yml', titled('Two'));
  await rig.catalog.rescan();
  assert.deepEqual(rig.shelf, ['a good Two']);
  assert.deepEqual(rig.story, ['changed a good', 'changed a stale', 'changed a good']);
});

test('a file that is written anew with the same content changes nothing', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One') });
  const rig = await CatalogRig.open(t, folder);
  write(folder, 'a.yml', titled('One'));
  await rig.catalog.rescan();
  assert.deepEqual(rig.story, ['changed a good']);
});

test('a change that keeps size and time of the file is seen', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One') });
  const rig = await CatalogRig.open(t, folder);
  utimesSync(join(folder, 'a.yml'), 1_000, 1_000);
  await rig.catalog.rescan();
  write(folder, 'a.yml', titled('Two'));
  utimesSync(join(folder, 'a.yml'), 1_000, 1_000);
  await rig.catalog.rescan();
  assert.deepEqual(rig.shelf, ['a good Two']);
});

test('a deleted file takes its workflow away', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One'), 'ops/b.yml': titled('Two') });
  const rig = await CatalogRig.open(t, folder);
  rmSync(join(folder, 'ops'), { recursive: true });
  await rig.catalog.rescan();
  assert.deepEqual(rig.shelf, ['a good One']);
  assert.equal(rig.story.at(-1), 'removed ops/b');
});

test('two files for one id are both refused until one is gone', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One') });
  const rig = await CatalogRig.open(t, folder);
  write(folder, 'a.yaml', titled('Two'));
  await rig.catalog.rescan();
  assert.deepEqual(rig.shelf, ['a stale One']);
  const places = rig.entry('a').diagnostics.filter(({ code }) => code === 'same-workflow');
  assert.deepEqual(
    places.map(({ place }) => place.file),
    ['workflows/a.yaml', 'workflows/a.yml'],
  );
  unlinkSync(join(folder, 'a.yml'));
  await rig.catalog.rescan();
  assert.deepEqual(rig.shelf, ['a good Two']);
});

test('files that differ in upper and lower case only are both refused', async (t) => {
  const folder = folderWith(t, { 'Backup.yml': titled('One'), 'backup.yml': titled('Two') });
  const rig = await CatalogRig.open(t, folder);
  assert.deepEqual(rig.shelf, ['Backup invalid -', 'backup invalid -']);
  assert.deepEqual([rig.codes('Backup'), rig.codes('backup')], [['same-workflow'], ['same-workflow']]);
});

test('a name that cannot be an id is refused', async (t) => {
  const odd = ['a b', '-rf', 'a\nb', 'é', 'x'.repeat(65), '%2e%2e', 'ops x/a'];
  const folder = folderWith(t, Object.fromEntries(odd.map((name) => [`${name}.yml`, titled('Odd')])));
  const rig = await CatalogRig.open(t, folder);
  assert.equal(rig.catalog.list().length, odd.length);
  for (const { id, state } of rig.catalog.list()) {
    assert.equal(state, 'invalid');
    assert.deepEqual(rig.codes(id), ['bad-file-name']);
  }
});

test('pipes, sockets, devices, folders and dangling links with the name of a workflow are refused and block nothing', async (t) => {
  const folder = folderWith(t, { 'fine.yml': titled('Fine'), 'folder.yml/x.yml': titled('Inside') });
  assert.equal(spawnSync('mkfifo', [join(folder, 'pipe.yml')]).status, 0);
  const server = createServer().listen(join(folder, 'socket.yml'));
  t.after(() => server.close());
  symlinkSync('/dev/zero', join(folder, 'device.yml'));
  symlinkSync('nowhere', join(folder, 'dangling.yml'));
  symlinkSync('self.yml', join(folder, 'self.yml'));
  await new Promise((resolve) => server.once('listening', resolve));
  const rig = await CatalogRig.open(t, folder);
  const codes = Object.fromEntries(rig.catalog.list().map(({ id }) => [id, rig.codes(id).join()]));
  assert.deepEqual(codes, {
    dangling: 'cannot-read',
    device: 'not-a-file',
    fine: '',
    folder: 'not-a-file',
    pipe: 'not-a-file',
    self: 'cannot-read',
    socket: 'not-a-file',
  });
});

test('a file of a gigabyte is refused unread', async (t) => {
  const folder = folderWith(t, { 'huge.yml': '' });
  truncateSync(join(folder, 'huge.yml'), 1024 ** 3);
  const rig = await CatalogRig.open(t, folder);
  assert.deepEqual(rig.codes('huge'), ['too-large']);
});

test('links that lead back into the folder end the walk, links to folders elsewhere are namespaces', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One') });
  write(folder, '../elsewhere/b.yml', titled('Two'));
  symlinkSync('.', join(folder, 'loop'));
  symlinkSync('../elsewhere', join(folder, 'ops'));
  symlinkSync('../workflows', join(folder, '../elsewhere/back'));
  const rig = await CatalogRig.open(t, folder);
  assert.deepEqual(rig.shelf, ['a good One', 'ops/b good Two']);
  assert.equal(rig.catalog.degraded, null);
});

test('a folder that is gone, or no folder, or a loop changes nothing and says why', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One') });
  const rig = await CatalogRig.open(t, folder);
  const aside = `${folder}-aside`;
  renameSync(folder, aside);
  await rig.catalog.rescan();
  assert.match(rig.catalog.degraded ?? '', /^the folder workflows\/? cannot be used: it does not exist$/);
  writeFileSync(folder, '');
  await rig.catalog.rescan();
  assert.match(rig.catalog.degraded ?? '', /not a folder/);
  unlinkSync(folder);
  symlinkSync('workflows', folder);
  await rig.catalog.rescan();
  assert.match(rig.catalog.degraded ?? '', /loop/);
  assert.deepEqual(rig.shelf, ['a good One']);
  unlinkSync(folder);
  renameSync(aside, folder);
  await rig.catalog.rescan();
  assert.equal(rig.catalog.degraded, null);
  assert.deepEqual(rig.story, ['changed a good', 'degraded true', 'degraded true', 'degraded true', 'degraded false']);
});

test('a subfolder whose link leads nowhere keeps its workflows, the rest goes on', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One'), '../elsewhere/b.yml': titled('Two') });
  symlinkSync('../elsewhere', join(folder, 'ops'));
  const rig = await CatalogRig.open(t, folder);
  renameSync(join(folder, '../elsewhere'), join(folder, '../gone'));
  write(folder, 'a.yml', titled('Three'));
  await rig.catalog.rescan();
  assert.deepEqual(rig.shelf, ['a good Three', 'ops/b good Two']);
  assert.match(rig.catalog.degraded ?? '', /workflows\/ops cannot be used: it does not exist/);
});

test('folders deeper than eight are not entered, and that is said', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One'), [`${'d/'.repeat(9)}b.yml`]: titled('Deep') });
  const rig = await CatalogRig.open(t, folder);
  assert.deepEqual(rig.shelf, ['a good One']);
  assert.match(rig.catalog.degraded ?? '', /more than 8 folders deep/);
});

test('a loader that fails takes one file down and no other', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One'), 'b.yml': titled('Two') });
  const rig = await CatalogRig.open(t, folder, {
    load: ({ id }) =>
      id === 'a' ? Promise.reject(new Error('out of stack')) : Promise.resolve({ workflow: null, diagnostics: [] }),
  });
  assert.deepEqual(rig.codes('a'), ['loader-failed']);
  assert.deepEqual(rig.codes('b'), []);
});

test('five thousand files are followed, and those that did not change are not loaded again', async (t) => {
  const names = Array.from({ length: 5_000 }, (_item, index) => `n${index % 10}/w${index}.yml`);
  const folder = folderWith(t, Object.fromEntries(names.map((name) => [name, name])));
  const loaded: string[] = [];
  const rig = await CatalogRig.open(t, folder, {
    load: async ({ id }) => {
      loaded.push(id);
      return { workflow: null, diagnostics: [] };
    },
  });
  assert.equal(loaded.length, 5_000);
  write(folder, 'n3/w3.yml', 'other');
  await rig.catalog.rescan();
  assert.deepEqual(loaded.slice(5_000), ['n3/w3']);
});

test('only one file is loaded at a time, also when rescans are asked for together', async (t) => {
  const folder = folderWith(t, { 'a.yml': 'a', 'b.yml': 'b' });
  let loading = 0;
  let most = 0;
  const rig = await CatalogRig.open(t, folder, {
    load: async () => {
      most = Math.max(most, ++loading);
      await new Promise((resolve) => setImmediate(resolve));
      loading--;
      return { workflow: null, diagnostics: [] };
    },
  });
  write(folder, 'a.yml', 'aa');
  const first = rig.catalog.rescan();
  write(folder, 'b.yml', 'bb');
  await Promise.all([first, rig.catalog.rescan(), rig.catalog.rescan()]);
  assert.equal(most, 1);
});

test('the folder is looked at again every rescan interval without any hint', async (t) => {
  const clock = new FakeClock();
  const folder = folderWith(t, {});
  write(folder, '../target/a.yml', titled('One'));
  symlinkSync('../target/a.yml', join(folder, 'a.yml'));
  const rig = await CatalogRig.open(t, folder, { clock, rescanMs: 30_000 });
  // Behind a link to a file there is no watch.
  write(folder, '../target/a.yml', titled('Two'));
  clock.advance(29_999);
  assert.deepEqual(rig.shelf, ['a good One']);
  clock.advance(1);
  await rig.until(() => rig.entry('a').workflow?.name === 'Two');
});

test('nothing is told after the catalog was closed', async (t) => {
  const folder = folderWith(t, { 'a.yml': titled('One') });
  const rig = await CatalogRig.open(t, folder);
  write(folder, 'a.yml', titled('Two'));
  const rescan = rig.catalog.rescan();
  await rig.catalog.close();
  await rescan;
  await rig.catalog.rescan();
  assert.deepEqual(rig.story, ['changed a good']);
});
