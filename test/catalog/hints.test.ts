import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CatalogRig, titled } from '../support/catalog-rig.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// No rescan is called for here: whatever is seen was seen by a hint.
const TIMEOUT = { timeout: 10_000 };

async function openWith(t: TestContext, title: string | null) {
  const folder = join(temporaryFolder(t), 'workflows');
  if (title !== null) fill(folder, title);
  const rig = await CatalogRig.open(t, folder);
  const shows = (wanted: string): Promise<void> => rig.until(() => rig.catalog.get('a')?.workflow?.name === wanted);
  return { folder, rig, shows };
}

function fill(folder: string, title: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.yml'), titled(title));
}

test('a file written in place is seen', TIMEOUT, async (t) => {
  const { folder, shows } = await openWith(t, 'One');
  writeFileSync(join(folder, 'a.yml'), titled('Two'));
  await shows('Two');
  writeFileSync(join(folder, 'a.yml'), titled('Three'));
  await shows('Three');
});

test('a file renamed over another is seen', TIMEOUT, async (t) => {
  const { folder, shows } = await openWith(t, 'One');
  for (const title of ['Two', 'Three']) {
    writeFileSync(join(folder, '.new'), titled(title));
    renameSync(join(folder, '.new'), join(folder, 'a.yml'));
    await shows(title);
  }
});

test('a file in a new subfolder is seen, and so is its end', TIMEOUT, async (t) => {
  const { folder, rig } = await openWith(t, 'One');
  mkdirSync(join(folder, 'ops'));
  writeFileSync(join(folder, 'ops/b.yml'), titled('Two'));
  await rig.until(() => rig.catalog.get('ops/b') !== undefined);
  writeFileSync(join(folder, 'ops/b.yml'), titled('Three'));
  await rig.until(() => rig.catalog.get('ops/b')?.workflow?.name === 'Three');
  rmSync(join(folder, 'ops'), { recursive: true });
  await rig.until(() => rig.catalog.get('ops/b') === undefined);
});

test('a folder that is created later is seen, and what happens in it', TIMEOUT, async (t) => {
  const { folder, rig, shows } = await openWith(t, null);
  assert.match(rig.catalog.degraded ?? '', /does not exist/);
  fill(folder, 'One');
  await shows('One');
  writeFileSync(join(folder, 'a.yml'), titled('Two'));
  await shows('Two');
});

test('a folder replaced by another is seen, and what happens in the new one', TIMEOUT, async (t) => {
  const { folder, shows } = await openWith(t, 'One');
  fill(`${folder}-new`, 'Two');
  renameSync(folder, `${folder}-old`);
  renameSync(`${folder}-new`, folder);
  await shows('Two');
  writeFileSync(join(folder, 'a.yml'), titled('Three'));
  await shows('Three');
});

test('a folder removed and made anew is seen', TIMEOUT, async (t) => {
  const { folder, rig, shows } = await openWith(t, 'One');
  rmSync(folder, { recursive: true });
  await rig.until(() => rig.catalog.degraded !== null);
  fill(folder, 'Two');
  await shows('Two');
});

test('a link to a folder that is put on another target is seen', TIMEOUT, async (t) => {
  const folder = join(temporaryFolder(t), 'workflows');
  for (const title of ['One', 'Two']) fill(`${folder}-${title}`, title);
  symlinkSync('workflows-One', folder);
  const rig = await CatalogRig.open(t, folder);
  symlinkSync('workflows-Two', `${folder}-link`);
  renameSync(`${folder}-link`, folder);
  await rig.until(() => rig.entry('a').workflow?.name === 'Two');
  writeFileSync(join(folder, 'a.yml'), titled('Three'));
  await rig.until(() => rig.entry('a').workflow?.name === 'Three');
});

test('a ConfigMap whose data link moves is seen', TIMEOUT, async (t) => {
  const folder = join(temporaryFolder(t), 'workflows');
  mkdirSync(folder);
  fill(join(folder, '..one'), 'One');
  fill(join(folder, '..two'), 'Two');
  symlinkSync('..one', join(folder, '..data'));
  symlinkSync('..data/a.yml', join(folder, 'a.yml'));
  const rig = await CatalogRig.open(t, folder);
  symlinkSync('..two', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  await rig.until(() => rig.entry('a').workflow?.name === 'Two');
});

test('an editor that moves the file aside and writes a new one never takes the workflow away', TIMEOUT, async (t) => {
  const { folder, rig, shows } = await openWith(t, 'One');
  for (const title of ['Two', 'Three', 'Four']) {
    writeFileSync(join(folder, '4913'), '');
    unlinkSync(join(folder, '4913'));
    renameSync(join(folder, 'a.yml'), join(folder, 'a.yml~'));
    writeFileSync(join(folder, 'a.yml'), titled(title));
    unlinkSync(join(folder, 'a.yml~'));
    await shows(title);
  }
  assert.ok(!rig.story.includes('removed a'), rig.story.join());
});
