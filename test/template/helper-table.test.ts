import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../src/model/json.ts';
import { HELPERS, LAZY_HELPERS } from '../../src/template/helper-table.ts';
import { matchesWildcard } from '../../src/template/wildcard.ts';
import { evaluate, render } from './support.ts';

const VALUE: Readonly<Record<string, Json>> = {
  text: 'Ab/c',
  three: 3,
  yes: true,
  no: 'false',
  none: null,
  empty: '',
  list: ['a', 1, null],
  object: { k: [1] },
};

/** Every helper, what it is given, and what it answers. */
const EXAMPLES: readonly (readonly [string, Json])[] = [
  ['eq v.text "Ab/c"', true],
  ['eq v.three "3"', true],
  ['eq "true" v.yes', true],
  ['eq v.none null', true],
  ['eq v.none ""', false],
  ['eq v.three 3.5', false],
  ['ne v.text "x"', true],
  ['ne v.none v.none', false],
  ['and v.three v.text', 'Ab/c'],
  ['and v.no v.text', 'false'],
  ['and v.three (not v.no) v.list', ['a', 1, null]],
  ['or v.none v.empty v.three', 3],
  ['or v.none v.empty', ''],
  ['not v.no', true],
  ['gt v.three 2', true],
  ['gt "10" "9"', true],
  ['lt v.three 3', false],
  ['lt "-1" 0.5', true],
  ['includes v.text "b/"', true],
  ['includes v.list "1"', true],
  ['includes v.list "z"', false],
  ['starts_with v.text "Ab"', true],
  ['ends_with v.text "x"', false],
  ['matches v.text "*/c"', true],
  ['matches v.text "*"', false],
  ['matches v.text "**"', true],
  ['default v.none "d"', 'd'],
  ['default v.empty "d"', 'd'],
  ['default false "d"', false],
  ['default 0 "d"', 0],
  ['default v.text "d"', 'Ab/c'],
  ['json v.object', '{"k":[1]}'],
  ['json v.text', '"Ab/c"'],
  ['base64 "é\n"', 'w6kK'],
  ['join v.pair', 'a, b'],
  ['join v.pair ""', 'ab'],
  ['lower v.text', 'ab/c'],
  ['upper v.text', 'AB/C'],
  ['replace v.text "b/" ""', 'Ac'],
  ['replace "aaa" "a" "$&"', '$&$&$&'],
];

test('every helper does what its examples say', () => {
  for (const [expression, result] of EXAMPLES) {
    assert.deepEqual(evaluate(expression, { v: { ...VALUE, pair: ['a', 'b'] } }), result, expression);
  }
  const shown = new Set(EXAMPLES.map(([expression]) => expression.split(' ')[0]));
  assert.deepEqual([...shown].sort(), [...HELPERS.keys(), ...LAZY_HELPERS.keys()].sort());
});

test('a value that does not fit is an error, never a guess', () => {
  const unfit: readonly (readonly [string, RegExp])[] = [
    ['eq v.list "a"', /a value of "eq" is a list, which cannot be compared/],
    ['gt v.text 1', /a value of "gt" is text, not a number/],
    ['lt v.empty 1', /not a number/],
    ['gt v.yes 0', /is true or false, not a number/],
    ['includes v.object "k"', /neither a text nor a list/],
    ['lower v.none', /is null/],
    ['starts_with v.list "a"', /is a list/],
    ['join v.text', /is text, not a list/],
    ['join v.list', /is null/],
    ['replace v.text "" "x"', /nothing to replace/],
    [`matches v.text "${'a'.repeat(300)}"`, /more than 256 characters/],
  ];
  for (const [expression, message] of unfit)
    assert.throws(() => evaluate(expression, { v: VALUE }), message, expression);
});

test('and, or and default evaluate no more than they need', () => {
  assert.equal(evaluate('and false (gt "x" 1)'), false);
  assert.equal(evaluate('or "a" (gt "x" 1)'), 'a');
  assert.equal(render('{{ default "a" inputs.nope }}'), 'a');
});

test('default accepts what is missing below the payload, and only there', () => {
  assert.equal(render('{{ default trigger.payload.ref.name "main" }}'), 'main');
  assert.equal(render('{{#each trigger.payload.commits}}{{ default this.author "?" }}{{/each}}'), '?eve');
  assert.throws(() => render('{{ default inputs.nope "x" }}'), /does not exist/);
});

test('a pattern of matches means what the documentation says', () => {
  const yes: readonly (readonly [string, string])[] = [
    ['', ''],
    ['release/*', 'release/1'],
    ['**', 'a/b'],
    ['a**z', 'a/b/z'],
    ['v?.*', 'v1.2'],
    ['\\*', '*'],
    ['a\\', 'a\\'],
    ['?', '🙂'],
    ['*a*b*c', 'xxaxxbxxc'],
  ];
  const no: readonly (readonly [string, string])[] = [
    ['', 'a'],
    ['release/*', 'release/1/2'],
    ['?', '/'],
    ['?', ''],
    ['\\*', 'a'],
    ['a', 'ab'],
    ['[a]', 'a'],
    ['.', 'a'],
  ];
  for (const [pattern, text] of yes) assert.equal(matchesWildcard(pattern, text), true, `${pattern} ${text}`);
  for (const [pattern, text] of no) assert.equal(matchesWildcard(pattern, text), false, `${pattern} ${text}`);
});

test('matching agrees with a regular expression and is never slow', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 8 });
  const pattern = fc.array(fc.constantFrom('a', 'b', '/', '.', '*', '**', '?'), { maxLength: 6 });
  fc.assert(
    fc.property(pattern, letters, (parts, text) => {
      const wildcard = parts.join('');
      const expression = wildcard.replace(/\*+|[?.]/g, (sign) =>
        sign === '.' ? '\\.' : sign === '?' ? '[^/]' : sign === '*' ? '[^/]*' : '.*',
      );
      assert.equal(matchesWildcard(wildcard, text), new RegExp(`^${expression}$`).test(text), `${wildcard} ${text}`);
    }),
  );
  const started = performance.now();
  assert.equal(matchesWildcard(`${'a*'.repeat(127)}b`, 'a'.repeat(16_384)), false);
  assert.ok(performance.now() - started < 2_000);
});

test('the documentation names exactly the helpers there are', () => {
  const page = readFileSync('docs/templates.md', 'utf8');
  const table = page.split('## Helpers')[1]?.split('\n## ')[0] ?? '';
  const named = [...table.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name ?? '');
  assert.deepEqual([...new Set(named)].sort(), [...HELPERS.keys(), ...LAZY_HELPERS.keys()].sort());
});
