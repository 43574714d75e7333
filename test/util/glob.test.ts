import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { globMatches } from '../../src/util/glob.ts';

test('a star stands for characters of one segment, two for segments, and all else for itself', () => {
  const table: readonly [string, string, boolean][] = [
    ['ci', 'ci', true],
    ['ci', 'cid', false],
    ['c*', 'ci', true],
    ['c*', 'c', true],
    ['c*', 'c/i', false],
    ['*', 'a/b', false],
    ['**', 'a/b', true],
    ['ops/**', 'ops/a/b', true],
    ['ops/**', 'ops', true],
    ['ops/**', 'opsx', false],
    ['**/b', 'b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/x/y/c', false],
    ['*a*b*', 'xaxbx', true],
    ['*ab', 'ab', true],
    ['a*a', 'a', false],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
  ];
  for (const [pattern, path, fits] of table) assert.equal(globMatches(pattern, path), fits, `${pattern} ${path}`);
});

test('patterns agree with regular expressions', () => {
  const segment = fc
    .string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 })
    .filter((text) => !text.includes('**'));
  const patterns = fc.array(fc.oneof(segment, fc.constant('**')), { minLength: 1, maxLength: 4 });
  const paths = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(patterns, paths, (pattern, path) => {
      const source = pattern
        .map((part) => (part === '**' ? '(?:[^/]*/)*' : `${part.replaceAll('*', '[^/]*')}/`))
        .join('');
      assert.equal(
        globMatches(pattern.join('/'), path.join('/')),
        new RegExp(`^${source}$`).test(`${path.join('/')}/`),
      );
    }),
  );
});

test('a pattern of many stars takes no time to speak of', () => {
  const calls = '*a'.repeat(500);
  assert.equal(globMatches(calls, 'a'.repeat(2000).concat('b')), false);
  assert.equal(globMatches('**/'.repeat(300).concat('x'), 'a/'.repeat(300).concat('b')), false);
});
