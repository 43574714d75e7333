import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { diagnosticJson, formatDiagnostic, formatDiagnostics } from '../../src/workflow/print-diagnostic.ts';

function diagnostic(more: Partial<Diagnostic> = {}): Diagnostic {
  const place = { file: 'a.yml', line: 3, column: 5, length: 4 };
  return { code: 'bad-name', severity: 'error', message: 'no', place, excerpt: '    nope: 1', ...more };
}

const plain = { color: false };

test('a diagnostic is its place, its words, the underlined line and the hint', () => {
  const printed = formatDiagnostic(diagnostic({ hint: 'yes' }), plain);
  assert.equal(
    printed,
    ['a.yml:3:5: error: no [bad-name]', '  3 |     nope: 1', '    |     ^^^^', '  hint: yes', ''].join('\n'),
  );
});

test('related places stand between the line and the hint', () => {
  const place = { file: 'a.yml', line: 1, column: 2, length: 1 };
  const printed = formatDiagnostic(diagnostic({ hint: 'yes', related: [{ message: 'first', place }] }), plain);
  assert.match(printed, /\^\^\^\^\n {2}a\.yml:1:2: first\n {2}hint: yes\n$/);
});

test('without the line only the words are printed', () => {
  const { excerpt: _excerpt, ...bare } = diagnostic();
  assert.equal(formatDiagnostic(bare, plain), 'a.yml:3:5: error: no [bad-name]\n');
});

test('nothing in a file can act on the terminal', () => {
  const hostile = '\x1b[2J\x07\u202e\x9b31m\r';
  const place = { file: `a${hostile}.yml`, line: 1, column: 1, length: 3 };
  const printed = formatDiagnostic(
    diagnostic({ message: hostile, excerpt: hostile, hint: hostile, place, related: [{ message: hostile, place }] }),
    plain,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  assert.doesNotMatch(printed, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});

test('the underline stands right under tabs and wide characters', () => {
  const place = { file: 'a.yml', line: 1, column: 5, length: 2 };
  const lines = formatDiagnostic(diagnostic({ excerpt: '\t日本xyz', place }), plain).split('\n');
  assert.equal(lines[1], '  1 |   日本xyz');
  assert.equal(lines[2], '    |        ^^'.replace('       ', '       '));
});

test('of a very long line only the part around the place is shown', () => {
  const excerpt = `${'a'.repeat(100_000)}HERE${'b'.repeat(100_000)}`;
  const place = { file: 'a.yml', line: 1, column: 100_001, length: 4 };
  const lines = formatDiagnostic(diagnostic({ excerpt, place }), plain).split('\n');
  assert.ok((lines[1] ?? '').length < 200);
  const under = (lines[2] ?? '').indexOf('^');
  assert.equal((lines[1] ?? '').slice(under, under + 4), 'HERE');
});

test('at most fifty are printed, and the number of the rest', () => {
  const printed = formatDiagnostics(
    Array.from({ length: 1_000 }, () => diagnostic()),
    plain,
  );
  assert.equal(printed.match(/bad-name/g)?.length, 50);
  assert.match(printed, /\nand 950 more\n$/);
  assert.equal(formatDiagnostics([], plain), '');
});

test('colours only frame the words', () => {
  const coloured = formatDiagnostic(diagnostic({ hint: 'yes' }), { color: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC
  assert.equal(coloured.replace(/\x1b\[\d+m/g, ''), formatDiagnostic(diagnostic({ hint: 'yes' }), plain));
  assert.notEqual(coloured, formatDiagnostic(diagnostic({ hint: 'yes' }), plain));
});

test('as data a diagnostic has its place in line', () => {
  assert.deepEqual(diagnosticJson(diagnostic({ hint: 'yes' })), {
    code: 'bad-name',
    severity: 'error',
    message: 'no',
    file: 'a.yml',
    line: 3,
    column: 5,
    length: 4,
    hint: 'yes',
  });
});
