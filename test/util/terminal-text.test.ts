import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { harmlessLine, harmlessName } from '../../src/util/terminal-text.ts';

test('colours are kept, and ended, when they are wanted', () => {
  assert.equal(harmlessLine('\x1b[1;31mred', true), '\x1b[1;31mred\x1b[0m');
  assert.equal(harmlessLine('\x1b[38:2:1:2:3mred\x1b[m', true), '\x1b[38:2:1:2:3mred\x1b[m\x1b[0m');
  assert.equal(harmlessLine('\x1b[1;31mred\x1b[0m', false), 'red');
});

const ATTACKS: readonly [string, string, string][] = [
  ['the clipboard', 'a\x1b]52;c;aGk=\x07b', 'ab'],
  ['the title', 'a\x1b]0;title\x1b\\b', 'ab'],
  ['the title, without an end', 'a\x1b]0;title', 'a'],
  ['a device string', 'a\x1bP1$r\x1b\\b', 'ab'],
  ['the screen', 'a\x1b[2J\x1b[1;1Hb', 'ab'],
  ['the screen with one C1 byte', 'a\x9b2Jb', 'ab'],
  ['the title with one C1 byte', 'a\x9d0;title\x9cb', 'ab'],
  ['the title with one C1 byte, dressed as a colour', 'a\x9d[1m', 'a'],
  ['the character set', 'a\x1b(0b\x1bc', 'ab'],
  ['a private mode', 'a\x1b[?1049hb', 'ab'],
  ['the keyboard report', 'a\x1b[>4;2mb', 'ab'],
  ['the bell', 'a\x07b', 'a\\x07b'],
  ['backspaces', 'ab\b\bc', 'ab\\x08\\x08c'],
  ['the direction of text', 'a\u202eb', 'a\\u202eb'],
  ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ['an escape alone', 'a\x1b', 'a\\x1b'],
];

for (const [target, line, safe] of ATTACKS) {
  test(`a task cannot touch ${target}`, () => {
    assert.equal(harmlessLine(line, true), safe);
    assert.equal(harmlessLine(line, false), safe);
  });
}

test('tabs and text of any language are kept', () => {
  assert.equal(harmlessLine('\ta — é 漢字 😀', true), '\ta — é 漢字 😀');
});

test('a carriage return leaves what follows it, and one at the end nothing less', () => {
  assert.equal(harmlessLine('10%\r50%\r100%\r\r', true), '100%');
});

const ESCAPE = '\x1b';
const COLOR = new RegExp(`${ESCAPE}\\[[0-9;:]*m`, 'g');

test('nothing but colours is left of control characters in any line', () => {
  const parts = fc.constantFrom(
    '\x1b',
    '[',
    ']',
    '31',
    'm',
    ';',
    '\x9b',
    '\x9d',
    '\x07',
    '\\',
    'P',
    '\r',
    '\n',
    'x',
    '?',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(parts), fc.boolean(), (line, colors) => {
      const safe = harmlessLine(line.join(''), colors);
      const rest = colors ? safe.replaceAll(COLOR, '') : safe;
      assert.doesNotMatch(rest, /(?!\t)\p{Cc}/u);
    }),
    { numRuns: 2000 },
  );
});

test('a name is one short line', () => {
  assert.equal(harmlessName(' build\n\x1b[31mall\x1b]0;x\x07\tthings '), 'build all things');
  assert.equal(harmlessName('a'.repeat(20), 10), `${'a'.repeat(9)}…`);
  assert.equal(harmlessName(`${'a'.repeat(8)}😀😀`, 10), `${'a'.repeat(8)}…`);
});

test('no line takes longer than its length allows', () => {
  const begin = performance.now();
  for (const line of [
    `${'\r'.repeat(65_535)}x`,
    `${'\u0090'.repeat(65_535)}\x1b`,
    '\x1b['.repeat(30_000),
    `\x1b]${'\x1b]'.repeat(30_000)}`,
  ]) {
    harmlessLine(line, true);
  }
  const hostile = performance.now() - begin;
  const plainBegin = performance.now();
  for (let round = 0; round < 4; round += 1) harmlessLine('\x01'.repeat(65_535), true);
  assert.ok(hostile < 20 * (performance.now() - plainBegin) + 100, `${hostile} ms`);
});
