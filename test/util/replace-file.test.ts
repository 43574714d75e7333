import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { replaceFile } from '../../src/util/replace-file.ts';

function folderWith(t: TestContext, content: string): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'a.yml');
  writeFileSync(file, content);
  return { folder, file };
}

test('the content is replaced and the permission bits stay', (t) => {
  const { folder, file } = folderWith(t, 'old');
  chmodSync(file, 0o640);
  replaceFile(file, Buffer.from('old'), Buffer.from('new'));
  assert.equal(readFileSync(file, 'utf8'), 'new');
  assert.equal(statSync(file).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(folder), ['a.yml']);
});

test('a symbolic link stays one, and what it leads to is replaced', (t) => {
  const { folder, file } = folderWith(t, 'old');
  const link = join(folder, 'link.yml');
  symlinkSync('a.yml', link);
  replaceFile(link, Buffer.from('old'), Buffer.from('new'));
  assert.equal(readlinkSync(link), 'a.yml');
  assert.equal(readFileSync(file, 'utf8'), 'new');
});

test('a reader that has the file open goes on reading the old one whole', (t) => {
  const { file } = folderWith(t, 'old');
  const before = statSync(file).ino;
  replaceFile(file, Buffer.from('old'), Buffer.from('new'));
  assert.notEqual(statSync(file).ino, before);
});

test('a file that somebody changed in the meantime is left as it is', (t) => {
  const { folder, file } = folderWith(t, 'theirs');
  assert.throws(() => replaceFile(file, Buffer.from('old'), Buffer.from('new')), /changed in the meantime/);
  assert.equal(readFileSync(file, 'utf8'), 'theirs');
  assert.deepEqual(readdirSync(folder), ['a.yml']);
});
