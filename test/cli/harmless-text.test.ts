import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { harmlessLine, harmlessName } from '../../src/cli/print/harmless-text.ts';
import { isPlain, plainUntil } from '../../src/cli/print/plain-bytes.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HARMFUL = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** Text with much of what a terminal would act on. */
const hostile = fc.string({
  unit: fc.constantFrom(...'\x1b\x1b\x1b[]m;?0123ABhl P_^\\\x07\x9b\x9c\x00\t\r\x08\x7f\u202e\u2066é€😀\u00a0'),
  maxLength: 40,
});

test('whatever a task writes, no control character but a tab reaches a terminal without colours', () => {
  fc.assert(fc.property(hostile, (line) => !HARMFUL.test(harmlessLine(line, false))));
});

test('with colours nothing but colours reaches it, and they end with the line', () => {
  fc.assert(
    fc.property(hostile, (line) => {
      const text = harmlessLine(line, true);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(text.replaceAll(/\x1b\[[0-9;:]*m/g, ''), HARMFUL);
      if (text.includes('\x1b')) assert.ok(text.endsWith('\x1b[0m'));
    }),
  );
});

test('a name never spans lines nor brings colours', () => {
  fc.assert(fc.property(hostile, (name) => !/[\t\n]/.test(harmlessName(name)) && !HARMFUL.test(harmlessName(name))));
  assert.equal(harmlessName(' two\n  lines\x1b[31m '), 'two lines');
  assert.equal(harmlessName('x'.repeat(600)).length, 500);
});

test('a terminator that never comes costs no more than the text is long', () => {
  const begin = performance.now();
  harmlessLine('\x1b]'.repeat(100_000), true);
  harmlessLine(`\x1b[${'0'.repeat(200_000)}`, true);
  harmlessLine('\x1b[0'.repeat(100_000), true);
  assert.ok(performance.now() - begin < 2000);
});

test('text called plain is text that would stay as it is', () => {
  const texts = fc.oneof(hostile, fc.string(), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(texts, fc.nat(5), (text, offset) => {
      // At any offset of its buffer: words are read at multiples of four.
      const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).subarray(offset);
      if (!isPlain(bytes)) return;
      for (const line of bytes.toString().split('\n')) assert.equal(harmlessLine(line, true), line);
    }),
  );
});

test('every control character is found at every place', () => {
  for (let code = 0; code < 128; code++) {
    const control = (code < 0x20 && code !== 0x09 && code !== 0x0a) || code === 0x7f;
    for (let at = 0; at < 16; at++) {
      const bytes = Buffer.alloc(16, 'é~');
      bytes.writeUInt8(0x61, Math.max(0, at - 1));
      bytes.writeUInt8(code, at);
      assert.equal(isPlain(bytes), !control, `${code} at ${at}`);
    }
  }
});

test('letters of other languages are plain', () => {
  assert.ok(isPlain(Buffer.from('grüße, привет, 你好, 😀\tx\n')));
  assert.equal(plainUntil(Buffer.from('grüße\nx'), 0), 7);
});
