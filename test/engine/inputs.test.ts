import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveInputs } from '../../src/engine/inputs.ts';
import type { InputDefinition } from '../../src/model/workflow.ts';

function definitions(...list: readonly (Partial<InputDefinition> & Pick<InputDefinition, 'name' | 'type'>)[]) {
  const full = { description: '', values: null, default: null, required: false };
  return new Map(list.map((definition) => [definition.name, { ...full, ...definition }]));
}

test('texts become values of the declared type, and defaults fill the rest', () => {
  const resolved = resolveInputs(
    definitions(
      { name: 's', type: 'string' },
      { name: 'n', type: 'number' },
      { name: 'b', type: 'boolean', default: true },
    ),
    new Map([
      ['s', '007'],
      ['n', '-1.5'],
    ]),
  );
  assert.ok(resolved.ok);
  assert.deepEqual({ ...resolved.values }, { s: '007', n: -1.5, b: true });
});

test('what is not given and has no default is the empty value of its type', () => {
  const resolved = resolveInputs(definitions({ name: 's', type: 'string' }, { name: 'n', type: 'number' }), new Map());
  assert.ok(resolved.ok);
  assert.deepEqual({ ...resolved.values }, { s: '', n: 0 });
});

test('all problems are reported at once', () => {
  const resolved = resolveInputs(
    definitions(
      { name: 'n', type: 'number' },
      { name: 'b', type: 'boolean' },
      { name: 'e', type: 'string', values: ['x', 'y'] },
      { name: 'r', type: 'string', required: true },
    ),
    new Map([
      ['n', '1e3'],
      ['b', 'yes'],
      ['e', 'z'],
      ['__proto__', '1'],
    ]),
  );
  assert.ok(!resolved.ok);
  assert.deepEqual(resolved.problems, [
    'there is no input "__proto__"; declared are: n, b, e, r',
    'input "n" wants a number, not "1e3"',
    'input "b" wants a boolean, not "yes"',
    'input "e" is one of x, y, not "z"',
    'input "r" is required: --input r=VALUE',
  ]);
});

test('a number is written plainly: no hex, no exponent, no leading zero, nothing infinite', () => {
  for (const text of ['0x10', '1e999', 'Infinity', 'NaN', '', ' 1', '01', '.5', '1.', '９']) {
    assert.equal(resolveInputs(definitions({ name: 'n', type: 'number' }), new Map([['n', text]])).ok, false, text);
  }
});
