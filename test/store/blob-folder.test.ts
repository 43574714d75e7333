import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BlobFolder } from '../../src/store/blob-folder.ts';
import { Vault } from '../../src/util/vault.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a file is restored as it was, whatever its size, and cannot be read where it is kept', async (t) => {
  const { folder, blobs, kept } = setUp(t);
  for (const size of [0, 1, 262_143, 262_144, 262_145, 1_000_000]) {
    const content = Buffer.alloc(size, 'some content ');
    const path = join(folder, `of-${size}`);
    writeFileSync(path, content);
    const saved = await blobs.save(path);
    assert.equal(saved.size, size);
    await blobs.restore(saved.name, `${path}.back`, 0o751);
    assert.ok(readFileSync(`${path}.back`).equals(content));
    assert.equal(statSync(`${path}.back`).mode & 0o7777, 0o751);
    const stored = readFileSync(join(kept, saved.name.slice(0, 2), saved.name));
    assert.ok(!stored.includes('some content'));
  }
});

test('equal content is kept once', async (t) => {
  const { folder, blobs, kept } = setUp(t);
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), 'the same');
  const [one, two] = await Promise.all([blobs.save(join(folder, 'a')), blobs.save(join(folder, 'b'))]);
  assert.equal(one.name, two.name);
  assert.equal(readdirSync(kept, { recursive: true }).length, 2);
});

test('a blob of another name, a cut one and a changed one are refused and removed; a new save heals', async (t) => {
  const { folder, blobs, kept } = setUp(t);
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  writeFileSync(a, 'content of a');
  writeFileSync(b, 'content of b');
  const { name } = await blobs.save(a);
  const other = await blobs.save(b);
  const path = join(kept, name.slice(0, 2), name);
  const whole = readFileSync(path);
  const wrong = readFileSync(join(kept, other.name.slice(0, 2), other.name));
  for (const content of [wrong, whole.subarray(0, -1), whole.subarray(0, 5), Buffer.from(whole).fill(0, 13, 14)]) {
    writeFileSync(path, content);
    await assert.rejects(blobs.restore(name, join(folder, 'back'), 0o600), /is damaged/);
    assert.deepEqual([existsSync(join(folder, 'back')), existsSync(path)], [false, false]);
  }
  await blobs.save(a);
  await blobs.restore(name, join(folder, 'back'), 0o600);
  assert.equal(readFileSync(join(folder, 'back'), 'utf8'), 'content of a');
});

test('nothing is written over, and links are not saved as what they lead to', async (t) => {
  const { folder, blobs } = setUp(t);
  writeFileSync(join(folder, 'a'), 'content');
  symlinkSync('a', join(folder, 'link'));
  const { name } = await blobs.save(join(folder, 'a'));
  await assert.rejects(blobs.restore(name, join(folder, 'a'), 0o600), /EEXIST/);
  await assert.rejects(blobs.save(join(folder, 'link')), /ELOOP/);
  await assert.rejects(blobs.save(folder), /not a regular file/);
});

test('a sweep removes what is not used, but nothing young', async (t) => {
  const { folder, blobs, kept } = setUp(t);
  const names = [];
  for (const name of ['used', 'unused', 'young']) {
    writeFileSync(join(folder, name), name);
    names.push((await blobs.save(join(folder, name))).name);
  }
  const [used = '', unused = '', young = ''] = names;
  for (const name of [used, unused]) utimesSync(join(kept, name.slice(0, 2), name), 1000, 1000);
  assert.ok((await blobs.sweep(new Set([used]), 1_500_000)) > 0);
  const left = (name: string) => existsSync(join(kept, name.slice(0, 2), name));
  assert.deepEqual([left(used), left(unused), left(young)], [true, false, true]);
});

function setUp(t: TestContext) {
  const folder = temporaryFolder(t);
  const kept = join(folder, 'blobs');
  return { folder, kept, blobs: new BlobFolder(kept, new Vault(new Uint8Array(32).fill(7))) };
}
