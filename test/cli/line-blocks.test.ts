import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineBlocks } from '../../src/cli/print/line-blocks.ts';
import { Tail } from '../../src/cli/print/tail.ts';

function blocksOf(chunks: readonly Uint8Array[]): string[] {
  const blocks: string[] = [];
  const lines = new LineBlocks((block) => blocks.push(block.toString('latin1')));
  for (const chunk of chunks) {
    // The caller may use the memory again after the call.
    const lent = Buffer.from(chunk);
    lines.push(lent);
    lent.fill('?');
  }
  lines.flush();
  return blocks;
}

test('blocks hold whole lines, nothing is lost or added but the last newline, however the text is cut', () => {
  const chunk = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é') }).map((text) => Buffer.from(text));
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      const blocks = blocksOf(chunks);
      const whole = Buffer.concat(chunks).toString('latin1');
      assert.equal(blocks.join(''), whole === '' || whole.endsWith('\n') ? whole : `${whole}\n`);
      for (const block of blocks) assert.ok(block.endsWith('\n'));
    }),
  );
});

test('what has no newline waits for it', () => {
  const blocks: string[] = [];
  const lines = new LineBlocks((block) => blocks.push(block.toString()));
  lines.push(Buffer.from('one\ntw'));
  assert.deepEqual(blocks, ['one\n']);
  lines.push(Buffer.from('o\nthree'));
  assert.deepEqual(blocks, ['one\n', 'two\n']);
});

test('a line without end is shown in parts, never cut within a character', () => {
  const text = '€'.repeat(100_000);
  for (const size of [1000, 65_536, 1_000_000]) {
    const bytes = Buffer.from(text);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_item, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const blocks = blocksOf(chunks).map((block) => Buffer.from(block, 'latin1').toString());
    assert.ok(blocks.length >= 5);
    for (const block of blocks.slice(0, -1)) assert.match(block, /^€+ \[line goes on\]\n$/);
    assert.equal(blocks.join('').replaceAll(' [line goes on]\n', ''), `${text}\n`);
  }
});

test('the tail of what passed by is its last lines', () => {
  const block = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 300 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(block), fc.integer({ min: 1, max: 20 }), (blocks, count) => {
      const tail = new Tail();
      for (const lines of blocks) tail.append(Buffer.from(lines.map((line) => `${line}\n`).join('')));
      const all = blocks.flat();
      const kept = tail.lines(count).toString().split('\n').slice(0, -1);
      assert.deepEqual(kept, all.slice(all.length - kept.length));
      // No more than asked for; fewer only when they are long.
      assert.ok(kept.length <= count);
      const bytes = all.slice(-count).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
      if (bytes < 8000) assert.equal(kept.length, Math.min(count, all.length));
    }),
  );
});

test('of a line longer than the tail its end is kept', () => {
  const tail = new Tail();
  tail.append(Buffer.from(`${'x'.repeat(100_000)}end\n`));
  const kept = tail.lines(20).toString();
  assert.ok(kept.endsWith('xend\n') && kept.length < 20_000);
});
