import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../src/model/json.ts';
import { parseUntrusted } from '../../src/util/untrusted-json.ts';

function parse(text: string): Json {
  const { value, problem } = parseUntrusted(text, 100);
  assert.equal(problem, undefined);
  return value as Json;
}

test('numbers that a double does not hold become text, all others stay', () => {
  const text =
    '{"id":12345678901234567890,"max":9007199254740991,"low":-9007199254740993,"e":1e400,"f":0.1234567890123456789,"g":1e20}';
  assert.deepEqual(JSON.parse(JSON.stringify(parse(text))), {
    id: '12345678901234567890',
    max: 9007199254740991,
    low: '-9007199254740993',
    e: '1e400',
    f: 0.12345678901234568,
    g: 1e20,
  });
});

test('digits within text are left alone', () => {
  const text = '["12345678901234567890", "\\\\", "a\\"12345678901234567890", 12345678901234567890]';
  assert.deepEqual(parse(text), ['12345678901234567890', '\\', 'a"12345678901234567890', '12345678901234567890']);
});

test('__proto__ is an ordinary key, and no object has a prototype', () => {
  const value = parse('{"__proto__":{"polluted":1},"a":[{"constructor":2}]}') as Record<string, Json>;
  assert.equal(Object.getPrototypeOf(value), null);
  assert.deepEqual(Object.keys(value), ['__proto__', 'a']);
  assert.equal(Object.getPrototypeOf((value.a as Json[])[0]), null);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test('what is no JSON stays none, whatever numbers it holds', () => {
  for (const text of [
    '',
    '{',
    '{12345678901234567890:1}',
    '012345678901234567890',
    '[12345678901234567890',
    'NaN',
    "{'a':1}",
  ])
    assert.equal(parseUntrusted(text, 100).problem, 'it is not valid JSON', text);
});

test('depth has a bound', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  assert.equal(parseUntrusted(nested(100), 100).problem, undefined);
  for (const levels of [101, 100_000])
    assert.equal(parseUntrusted(nested(levels), 100).problem, 'it is nested more than 100 levels deep');
});

test('any JSON is read as JSON.parse reads it, but for big numbers, which keep every digit', () => {
  const big = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      big,
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"123456789012345678901"', '\\'),
      fc.double({ noNaN: true, noDefaultInfinity: true, maxExcluded: true, min: -1e6, max: 1e6 }),
      fc.constantFrom(true, false, null),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('json'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(json, (value) => {
      assert.equal(JSON.stringify(parse(print(value))), JSON.stringify(expected(value)));
    }),
    { numRuns: 500 },
  );
});

function print(value: unknown): string {
  if (typeof value === 'bigint') return ` ${value}`;
  if (Array.isArray(value)) return `[${value.map(print).join(' ,')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${print(item)}`)}}`;
}

function expected(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return JSON.parse(JSON.stringify(value));
  const copy = Object.create(null);
  for (const [key, item] of Object.entries(value)) copy[key] = expected(item);
  return copy;
}

test('text with too many values is refused before they are made, whatever its strings hold', () => {
  const problem = (text: string) => parseUntrusted(text, 100, 4).problem;
  assert.equal(problem('[1,2,3]'), undefined);
  assert.equal(problem('{"a":[1],"b":2}'), undefined);
  assert.equal(problem('["[,,,,,{","\\",,,,"]'), undefined);
  assert.equal(problem('[1,2,3,4]'), 'it has more than 4 values');
  assert.equal(problem('{"a":{"b":{"c":{"d":1}}}}'), 'it has more than 4 values');
  assert.equal(problem('["a string without an end'), 'it is not valid JSON');
});
