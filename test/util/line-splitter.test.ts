import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LineEnd, LineSplitter } from '../../src/util/line-splitter.ts';

/** All lines of the chunks, each with its end. */
function lines(chunks: readonly Uint8Array[], limit?: number): [string, LineEnd][] {
  const seen: [string, LineEnd][] = [];
  const splitter = new LineSplitter(limit);
  const sink = (line: Buffer, end: LineEnd) => void seen.push([line.toString(), end]);
  for (const chunk of chunks) {
    const reused = Buffer.from(chunk);
    splitter.push(reused, sink);
    reused.fill('!');
  }
  splitter.flush(sink);
  return seen;
}

test('lines are joined across chunks, whose memory may be reused', () => {
  const chunks = ['on', 'e\n\ntw', 'o', '\nthree'].map((text) => Buffer.from(text));
  assert.deepEqual(lines(chunks), [
    ['one', 'newline'],
    ['', 'newline'],
    ['two', 'newline'],
    ['three', 'end'],
  ]);
});

test('a line as long as the limit is whole, a longer one comes in pieces', () => {
  assert.deepEqual(lines([Buffer.from('12345678\n123456789\n')], 8), [
    ['12345678', 'newline'],
    ['12345678', 'limit'],
    ['9', 'newline'],
  ]);
});

test('a piece never ends within a character', () => {
  assert.deepEqual(lines([Buffer.from('aé漢😀bcdef')], 8), [
    ['aé漢', 'limit'],
    ['😀bcde', 'limit'],
    ['f', 'end'],
  ]);
});

test('what is not UTF-8 is cut at the limit', () => {
  const seen: number[] = [];
  new LineSplitter(8).push(Buffer.alloc(20, 0x80), (line) => seen.push(line.length));
  assert.deepEqual(seen, [8, 8]);
});

test('a line of 100 MB keeps no more than one piece', () => {
  const splitter = new LineSplitter();
  let bytes = 0;
  for (let count = 0; count < 1_600; count++) {
    splitter.push(Buffer.alloc(64 * 1024, 'x'), (line) => {
      bytes += line.length;
    });
    assert.ok(splitter.pending <= 64 * 1024);
  }
  assert.equal(bytes + splitter.pending, 1_600 * 64 * 1024);
});

test('whatever the chunks, the lines are those of the whole text', () => {
  const text = fc.array(fc.constantFrom('a', 'é', '漢', '\n', '😀')).map((letters) => letters.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat(5)), fc.integer({ min: 4, max: 9 }), (whole, sizes, limit) => {
      const bytes = Buffer.from(whole);
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      const cut = lines([...chunks, bytes.subarray(at)], limit);
      assert.deepEqual(cut, lines([bytes], limit));
      assert.equal(cut.map(([line, end]) => (end === 'newline' ? `${line}\n` : line)).join(''), whole);
    }),
  );
});
