import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readRegularFile } from '../../src/util/read-file.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'read-file-'));
});
after(() => rmSync(folder, { recursive: true }));

function codeOf(path: string, limit?: number): string {
  const read = readRegularFile(path, 'shown.yml', limit);
  if ('bytes' in read) return `${read.bytes.length} bytes`;
  assert.equal(read.diagnostic.place.file, 'shown.yml');
  return read.diagnostic.code;
}

test('a regular file is read whole, also through a link', () => {
  const path = join(folder, 'a.yml');
  writeFileSync(path, 'x'.repeat(200_000));
  symlinkSync(path, join(folder, 'link.yml'));
  assert.equal(codeOf(path), '200000 bytes');
  assert.equal(codeOf(join(folder, 'link.yml')), '200000 bytes');
});

test('a file of exactly the limit is read, one byte more is not', () => {
  const path = join(folder, 'limit.yml');
  writeFileSync(path, 'x'.repeat(101));
  assert.equal(codeOf(path, 101), '101 bytes');
  assert.equal(codeOf(path, 100), 'too-large');
});

test('a huge file is refused by its size without being read', () => {
  const path = join(folder, 'huge.yml');
  writeFileSync(path, '');
  truncateSync(path, 10 ** 12);
  assert.equal(codeOf(path), 'too-large');
});

test('what is no file is refused without waiting', async () => {
  const pipe = join(folder, 'pipe.yml');
  execFileSync('mkfifo', [pipe]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'socket.yml'), resolve));
  assert.equal(codeOf(pipe), 'not-a-file');
  assert.equal(codeOf(folder), 'not-a-file');
  assert.equal(codeOf('/dev/zero'), 'not-a-file');
  assert.equal(codeOf(join(folder, 'socket.yml')), 'not-a-file');
  await new Promise((resolve) => server.close(resolve));
});

test('what cannot be opened is reported', () => {
  symlinkSync('loop.yml', join(folder, 'loop.yml'));
  writeFileSync(join(folder, 'file'), '');
  assert.equal(codeOf(join(folder, 'missing.yml')), 'cannot-read');
  assert.equal(codeOf(join(folder, 'loop.yml')), 'cannot-read');
  assert.equal(codeOf(join(folder, 'file', 'x.yml')), 'cannot-read');
  assert.equal(codeOf('nul\0.yml'), 'cannot-read');
  assert.equal(codeOf('x'.repeat(5_000)), 'cannot-read');
});
