import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { readBody } from '../../../src/server/http/read-body.ts';
import { collectGarbage } from '../../../src/util/collect-garbage.ts';

/** More than Node cuts from memory that is shared. */
const SIZE = 100_000;

async function read(stream: PassThrough, length: number | undefined): Promise<WeakRef<ArrayBufferLike>> {
  stream.end(Buffer.alloc(SIZE, 'x'));
  const body = await readBody(stream, SIZE, length);
  assert.equal(body.toString(), 'x'.repeat(SIZE));
  return new WeakRef(body.buffer);
}

for (const length of [SIZE, undefined]) {
  test(`a body whose length is ${length ? 'known' : 'unknown'} is let go while its stream is kept`, async () => {
    const stream = new PassThrough();
    const memory = await read(stream, length);
    await turn();
    collectGarbage();
    assert.equal(memory.deref(), undefined);
    stream.destroy(new Error('too late to matter'));
    await turn();
  });
}
