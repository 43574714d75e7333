import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPlain, plainUntil } from '../../src/cli/print/plain-bytes.ts';
import { harmlessLine } from '../../src/util/terminal-text.ts';

/** Text with much of what a terminal would act on. */
const hostile = fc.string({
  unit: fc.constantFrom(...'\x1b[]m;0Ah P_\x07\x9b\x00\t\r\n\x7f\u2028\u202e\u2066é€😀\u00a0'),
  maxLength: 40,
});

test('text called plain is text that would be shown as it is', () => {
  const texts = fc.oneof(hostile, fc.string(), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(texts, fc.nat(5), (text, offset) => {
      // At any offset of its memory: words are read at multiples of four.
      const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).subarray(offset);
      if (!isPlain(bytes)) return;
      for (const line of bytes.toString().split('\n')) assert.equal(harmlessLine(line, true), line);
    }),
  );
});

test('what stands before the first suspect byte would be shown as it is', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const bytes = Buffer.from(text);
      const start = bytes.subarray(0, plainUntil(bytes, 0)).toString();
      assert.equal(harmlessLine(start, true), start);
    }),
  );
});

test('every control character is found at every place', () => {
  for (let code = 0; code < 128; code++) {
    const control = (code < 0x20 && code !== 0x09 && code !== 0x0a) || code === 0x7f;
    for (let at = 0; at < 20; at++) {
      const bytes = Buffer.alloc(20, '~ a');
      bytes[at] = code;
      assert.equal(isPlain(bytes), !control, `${code} at ${at}`);
    }
  }
});

test('letters of other languages are plain', () => {
  assert.ok(isPlain(Buffer.from('žluťoučký, привет, 你好, 😀\tx\n')));
  assert.equal(plainUntil(Buffer.from('grüße\nx'), 0), 7);
});
