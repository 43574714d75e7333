import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { combinationHashes, combinationKey } from '../../../src/workflow/matrix/combination.ts';
import {
  type Combination,
  expandMatrix,
  type Matrix,
  productSize,
  type Scalar,
} from '../../../src/workflow/matrix/expand.ts';

type Pairs = Readonly<Record<string, Scalar>>;

function matrixOf(
  axes: Readonly<Record<string, readonly Scalar[]>>,
  include: readonly Pairs[] = [],
  exclude: readonly Pairs[] = [],
): Matrix {
  const combination = (pairs: Pairs): Combination => new Map(Object.entries(pairs));
  return { axes: new Map(Object.entries(axes)), include: include.map(combination), exclude: exclude.map(combination) };
}

function keys(matrix: Matrix): string[] {
  return expandMatrix(matrix).combinations.map(combinationKey);
}

test('axes vary in file order, the last one fastest', () => {
  assert.deepEqual(keys(matrixOf({ os: ['linux', 'macos'], node: [22, 24] })), [
    'os=linux,node=22',
    'os=linux,node=24',
    'os=macos,node=22',
    'os=macos,node=24',
  ]);
});

test('an include without axis values is added to all, one that contradicts all is a combination of its own', () => {
  const matrix = matrixOf({ os: ['linux', 'macos'] }, [
    { color: 'green' },
    { os: 'linux', size: 1 },
    { os: 'bsd' },
    { os: 'bsd', size: 2 },
  ]);
  assert.deepEqual(keys(matrix), ['os=linux,color=green,size=1', 'os=macos,color=green', 'os=bsd', 'os=bsd,size=2']);
});

test('a later include may change what an earlier one added, never an axis', () => {
  const matrix = matrixOf({ os: ['linux', 'macos'] }, [{ color: 'green' }, { os: 'macos', color: 'pink' }]);
  assert.deepEqual(keys(matrix), ['os=linux,color=green', 'os=macos,color=pink']);
});

test('what the manual of GitHub shows comes out the same', () => {
  const include = [
    { color: 'green' },
    { color: 'pink', animal: 'cat' },
    { fruit: 'apple', shape: 'circle' },
    { fruit: 'banana' },
    { fruit: 'banana', animal: 'cat' },
  ];
  assert.deepEqual(keys(matrixOf({ fruit: ['apple', 'pear'], animal: ['cat', 'dog'] }, include)), [
    'fruit=apple,animal=cat,color=pink,shape=circle',
    'fruit=apple,animal=dog,color=green,shape=circle',
    'fruit=pear,animal=cat,color=pink',
    'fruit=pear,animal=dog,color=green',
    'fruit=banana',
    'fruit=banana,animal=cat',
  ]);
});

test('an exclude takes out all that have its values, before includes are added', () => {
  const matrix = matrixOf(
    { os: ['linux', 'macos'], node: [22, 24] },
    [{ os: 'macos', node: 22 }],
    [{ os: 'macos' }, { node: '24' }],
  );
  assert.deepEqual(keys(matrix), ['os=linux,node=22', 'os=macos,node=22']);
});

test('excludes that fit nothing and includes that repeat another are told', () => {
  const { idleExcludes, repeatedIncludes } = expandMatrix(
    matrixOf(
      { os: ['linux'] },
      [
        { os: 'bsd', a: 1 },
        { a: 1, os: 'bsd' },
      ],
      [{ os: 'mac' }, { arch: 'arm' }],
    ),
  );
  assert.deepEqual([idleExcludes, repeatedIncludes], [[0, 1], [1]]);
});

test('a matrix may be its includes alone', () => {
  assert.deepEqual(keys(matrixOf({}, [{ a: 1 }, { b: 2 }])), ['a=1', 'b=2']);
  assert.deepEqual(keys(matrixOf({})), []);
});

test('the size of the product is known without making it', () => {
  const axes = Object.fromEntries(
    Array.from({ length: 18 }, (_item, index) => [`a${index}`, Array.from({ length: 1000 }, (_value, value) => value)]),
  );
  assert.equal(productSize(matrixOf(axes)), 1e54);
  assert.equal(productSize(matrixOf({})), 0);
});

test('values that hold marks are quoted, and nothing in a key ends the brackets it is written in', () => {
  const [combination] = expandMatrix(
    matrixOf({ a: ['x, y'], b: ['[1]\\{}'], c: ['tab\t\u202e"'], d: [''], e: ['größe-1.2+b/c:d@e'] }),
  ).combinations;
  assert.ok(combination);
  assert.equal(
    combinationKey(combination),
    'a="x, y",b="\\u005b1\\u005d\\u005c\\u007b\\u007d",c="tab\\t\\u202e\\"",d="",e=größe-1.2+b/c:d@e',
  );
});

const scalar = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('a', 'b', 'a,b=c', '1', 'true', '"', '\\'),
  fc.integer(),
  fc.boolean(),
);
const axisName = fc.constantFrom('os', 'node', 'arch', 'x');
const few = fc.constantFrom<Scalar>('a', 'b', 'c', 1, 2, true);
const pairs = fc.dictionary(axisName, few, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const axes = fc.dictionary(axisName, fc.uniqueArray(few, { minLength: 1, maxLength: 4 }), {
  maxKeys: 3,
  noNullPrototype: true,
});

/** The rules as GitHub's manual has them, over lists of pairs, one combination at a time. */
function naive(
  own: Readonly<Record<string, readonly Scalar[]>>,
  include: readonly Pairs[],
  exclude: readonly Pairs[],
): Pairs[] {
  const names = Object.keys(own);
  const count = names.length === 0 ? 0 : names.reduce((product, name) => product * (own[name]?.length ?? 0), 1);
  const originals: Pairs[] = [];
  for (let number = 0; number < count; number++) {
    let rest = number;
    const pick: Record<string, Scalar> = {};
    for (const name of [...names].reverse()) {
      const values = own[name] ?? [];
      pick[name] = values[rest % values.length] ?? '';
      rest = Math.floor(rest / values.length);
    }
    const isExcluded = exclude.some((entry) =>
      Object.keys(entry).every((name) => name in pick && pick[name] === entry[name]),
    );
    if (!isExcluded) originals.push(pick);
  }
  const result = originals.map((original) => ({ ...original }));
  const created: Pairs[] = [];
  for (const entry of include) {
    let isAdded = false;
    for (const [index, original] of originals.entries()) {
      const overwrites = Object.keys(entry).some((name) => name in original && original[name] !== entry[name]);
      if (overwrites) continue;
      Object.assign(result[index] ?? {}, entry);
      isAdded = true;
    }
    const isKnown = created.some(
      (other) => JSON.stringify(Object.entries(other).sort()) === JSON.stringify(Object.entries(entry).sort()),
    );
    if (!isAdded && !isKnown) created.push(entry);
  }
  return [...result, ...created];
}

test('every include and exclude does what a naive reading of the rules does', () => {
  fc.assert(
    fc.property(axes, fc.array(pairs, { maxLength: 4 }), fc.array(pairs, { maxLength: 3 }), (own, include, exclude) => {
      const found = expandMatrix(matrixOf(own, include, exclude)).combinations.map((combination) =>
        Object.fromEntries(combination),
      );
      assert.deepEqual(found, naive(own, include, exclude));
    }),
    { numRuns: 2_000 },
  );
});

test('no two different combinations share a key or an id, and the order of values does not change the id', () => {
  const any = fc.dictionary(axisName, scalar, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
  const text = (entry: Pairs) =>
    JSON.stringify(
      Object.entries(entry)
        .map(([name, value]) => [name, String(value)])
        .sort(),
    );
  fc.assert(
    fc.property(fc.uniqueArray(any, { minLength: 1, maxLength: 8, selector: text }), (entries) => {
      const combinations = entries.map((entry): Combination => new Map(Object.entries(entry)));
      assert.equal(new Set(combinations.map(combinationKey)).size, entries.length);
      const hashes = combinationHashes(combinations);
      assert.equal(new Set(hashes).size, entries.length);
      const reversed = combinations.map((combination) => new Map([...combination].reverse()));
      assert.deepEqual(combinationHashes(reversed), hashes);
    }),
    { numRuns: 500 },
  );
});
