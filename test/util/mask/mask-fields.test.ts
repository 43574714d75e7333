import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskFields } from '../../../src/util/mask/mask-fields.ts';

const mask = (text: string): string => text.replaceAll('hunter2', '***');

test('texts are masked wherever they stand, and nothing else changes', () => {
  const fields = {
    a: 'hunter2!',
    b: [1, true, null, { c: { d: 'x hunter2' } }],
    hunter2: 'e',
    f: new Set(['hunter2']),
  };
  assert.deepEqual(maskFields(fields, mask), {
    a: '***!',
    b: [1, true, null, { c: { d: 'x ***' } }],
    '***': 'e',
    f: ['***'],
  });
});

test('an error is told with type, message, stack, code and its causes', () => {
  const cause = Object.assign(new TypeError('hunter2 refused'), { code: 'EACCES', path: '/hunter2' });
  const { err } = maskFields({ err: new Error('no hunter2', { cause }) }, mask);
  const told = err as Record<string, unknown> & { cause: Record<string, unknown> };
  assert.deepEqual(
    [told.type, told.message, told.cause.type, told.cause.code, told.cause.path],
    ['Error', 'no ***', 'TypeError', 'EACCES', '/***'],
  );
  assert.match(String(told.stack), /^Error: no \*\*\*\n {4}at /);
  assert.match(String(told.cause.stack), /^TypeError: \*\*\* refused/);
});

test('the errors of an aggregate are told', () => {
  const { err } = maskFields({ err: new AggregateError([new Error('hunter2')], 'all failed') }, mask);
  assert.equal((err as { errors: { message: string }[] }).errors[0]?.message, '***');
});

test('what is nested in itself, very long or no JSON has an end', () => {
  const loop: Record<string, unknown> = {
    big: 10n,
    at: new Date(0),
    never: new Date(Number.NaN),
    bytes: new Uint8Array(3),
  };
  loop.self = loop;
  loop.long = 'x'.repeat(100_000);
  const text = JSON.stringify(maskFields(loop, mask));
  assert.match(text, /nested too deep/);
  assert.match(text, /"big":"10","at":"1970-01-01T00:00:00.000Z","never":"Invalid Date","bytes":"\[3 bytes\]"/);
  assert.match(text, /… \(67232 more\)/);
});

test('no shape of data keeps a secret', () => {
  fc.assert(
    fc.property(
      fc.object({ values: [fc.constant('a hunter2 b'), fc.integer()], key: fc.constantFrom('k', 'hunter2') }),
      (fields) => {
        assert.doesNotMatch(JSON.stringify(maskFields(fields, mask)), /hunter2/);
      },
    ),
  );
});
