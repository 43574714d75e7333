import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Clock } from '../../src/model/ports.ts';
import { systemClock } from '../../src/util/clock.ts';
import { CatalogRig } from '../support/catalog-rig.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SAVES = 300;

/** Whole files end with a task named `last`. A half one may well be a workflow of its own, but has no such task. */
function whole(save: number): string {
  return `name: Save ${save}\ntaskGroup:\n  - name: first\n    run: make ${'x'.repeat(save % 7)}\n  - name: last\n    run: make\n`;
}

function half(save: number): string {
  return `name: Save ${save}\ntaskGroup:\n  - name: first\n    run: "make`;
}

// Each way puts a text in the place of `ops/a.yml` below `root/workflows`.
type Save = (root: string, text: string, save: number) => void;

const inPlace: Save = (root, text) => {
  const file = openSync(join(root, 'workflows/ops/a.yml'), 'r+');
  ftruncateSync(file);
  for (let at = 0; at < text.length; at += 40) writeSync(file, text.slice(at, at + 40));
  closeSync(file);
};

const byRename: Save = (root, text) => {
  writeFileSync(join(root, 'workflows/ops/.new'), text);
  renameSync(join(root, 'workflows/ops/.new'), join(root, 'workflows/ops/a.yml'));
};

const likeVim: Save = (root, text) => {
  renameSync(join(root, 'workflows/ops/a.yml'), join(root, 'workflows/ops/a.yml~'));
  writeFileSync(join(root, 'workflows/ops/a.yml'), text);
  unlinkSync(join(root, 'workflows/ops/a.yml~'));
};

const configMap: Save = (root, text, save) => {
  const ops = join(root, 'workflows/ops');
  mkdirSync(join(ops, `..${save}`));
  writeFileSync(join(ops, `..${save}/a.yml`), text);
  symlinkSync(`..${save}`, join(ops, '..tmp'));
  renameSync(join(ops, '..tmp'), join(ops, '..data'));
  rmSync(join(ops, 'a.yml'));
  symlinkSync('..data/a.yml', join(ops, 'a.yml'));
};

const folderSwap: Save = (root, text, save) => {
  fill(join(root, `next${save}`), text);
  renameSync(join(root, 'workflows'), join(root, `last${save}`));
  renameSync(join(root, `next${save}`), join(root, 'workflows'));
};

const linkSwap: Save = (root, text, save) => {
  fill(join(root, `target${save}`), text);
  rmSync(join(root, 'workflows'), { recursive: true });
  symlinkSync(`target${save}`, join(root, 'workflows'));
};

function fill(folder: string, text: string): void {
  mkdirSync(join(folder, 'ops'), { recursive: true });
  writeFileSync(join(folder, 'ops/a.yml'), text);
}

const WAYS: readonly Save[] = [inPlace, byRename, likeVim, configMap, inPlace, folderSwap, linkSwap, inPlace];

test(`after each of ${SAVES} saves, every second of them half a file, the catalog is what the disk is`, async (t) => {
  const root = temporaryFolder(t);
  fill(join(root, 'workflows'), whole(0));
  const rig = await CatalogRig.open(t, join(root, 'workflows'), { settleMs: 5 });
  let good = 'Save 0';
  for (let save = 1; save <= SAVES; save++) {
    const isWhole = save % 2 === 0;
    const way = WAYS[Math.floor(save / 2) % WAYS.length];
    if (way === undefined || !existsSync(join(root, 'workflows/ops/a.yml'))) assert.fail('the test lost its file');
    way(root, isWhole ? whole(save) : half(save), save);
    await rig.catalog.rescan();
    if (isWhole) good = `Save ${save}`;
    assert.deepEqual(rig.shelf, [`ops/a ${isWhole ? 'good' : 'stale'} ${good}`], `${way.name} ${save}`);
  }
  for (const change of rig.changes) {
    assert.equal(change.kind, 'changed');
    if (change.kind !== 'changed') continue;
    assert.equal(change.current.workflow?.tasks.at(-1)?.name, 'last');
  }
});

test('a file that is still being written is not used, though it is a workflow as it stands', {
  timeout: 20_000,
}, async (t) => {
  const root = temporaryFolder(t);
  fill(join(root, 'workflows'), whole(0));
  const lines = whole(1).split(/(?<=\n)/);
  const file = openSync(join(root, 'workflows/ops/a.yml'), 'r+');
  t.after(() => closeSync(file));
  let isWriting = false;
  // Whenever the catalog waits, the writer writes a line; until it is done, it wrote the last one just now.
  const after: Clock['after'] = (ms, callback) => {
    if (isWriting) writeSync(file, lines.shift() ?? '');
    return systemClock.after(ms, callback);
  };
  const now = (): number => (lines.length > 0 ? fstatSync(file).mtimeMs : Date.now());
  const clock = { ...systemClock, now, after };
  const rig = await CatalogRig.open(t, join(root, 'workflows'), { settleMs: 50, clock });
  ftruncateSync(file);
  isWriting = true;
  await rig.catalog.rescan();
  await rig.until(() => rig.entry('ops/a').workflow?.name === 'Save 1');
  assert.deepEqual(lines, []);
  assert.deepEqual(rig.story, ['changed ops/a good', 'changed ops/a good']);
});
