import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitsPattern, fitsPatterns } from '../../src/util/ref-pattern.ts';

// Pattern, then what it fits, then what it does not.
const CASES: readonly (readonly [pattern: string, fits: readonly string[], others: readonly string[]])[] = [
  ['main', ['main'], ['maine', 'domain', 'Main', '']],
  ['*', ['main', 'v1.0'], ['feature/x']],
  ['**', ['main', 'feature/x/y', 'docs/a.md'], []],
  ['feature/*', ['feature/x'], ['feature/x/y', 'feature', 'a/feature/x']],
  ['feature/**', ['feature/x', 'feature/x/y'], ['feature']],
  ['*feature', ['my-feature', 'feature'], ['feature-x', 'a/feature']],
  ['v2*', ['v2', 'v2.0'], ['v1', 'av2']],
  ['v[12].[0-9]+.[0-9]+', ['v1.10.1', 'v2.0.0'], ['v3.0.0', 'v1..1', 'v1.10']],
  ['*.jsx?', ['page.js', 'page.jsx'], ['page.jsxx', 'js/page.js']],
  ['**.js', ['index.js', 'src/js/app.js'], ['index.jsx']],
  ['docs/*', ['docs/a.md'], ['docs/b/a.md']],
  ['**/docs/**', ['docs/a.md', 'dir/docs/a.txt', 'space/docs/plan/a.doc'], ['mydocs/a.md', 'docs']],
  ['**/README.md', ['README.md', 'js/README.md'], ['js/MYREADME.md']],
  ['docs/**/*.md', ['docs/a.md', 'docs/b/c/a.md'], ['docs.md', 'docs/a.txt']],
  ['a**/b', ['a/b', 'ax/y/b'], ['ab']],
  ['**/*src/**', ['a/src/app.js', 'my-src/code/js/app.js'], ['src.js']],
  ['[A-Ca]x', ['Ax', 'Cx', 'ax'], ['Dx', 'bx', 'x']],
  ['a\\*b', ['a*b'], ['axb']],
  ['[', ['['], ['']],
  ['?+', ['?', '??'], ['', '+']],
  ['', [''], ['a']],
];

test('patterns of branches, tags and paths are read as GitHub reads them', () => {
  for (const [pattern, fits, others] of CASES) {
    for (const text of fits) assert.ok(fitsPattern(pattern, text), `${pattern} fits ${text}`);
    for (const text of others) assert.ok(!fitsPattern(pattern, text), `${pattern} does not fit ${text}`);
  }
});

test('of a list the last pattern that fits decides', () => {
  const patterns = ['releases/**', '!releases/**-alpha', 'releases/1-alpha'];
  const fitting = ['releases/2', 'releases/2-alpha', 'releases/1-alpha', 'main'].map((text) =>
    fitsPatterns(patterns, text),
  );
  assert.deepEqual(fitting, [true, false, true, false]);
  assert.equal(fitsPatterns(['!main'], 'dev'), false);
});

test('every text fits itself when nothing in it is special', () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z0-9/._-]*$/), (text) => fitsPattern(text, text)));
});

test('a pattern of many stars is no slower on a long text that does not fit', () => {
  assert.equal(fitsPattern(`${'**a'.repeat(100)}b`, 'a'.repeat(20_000)), false);
});
