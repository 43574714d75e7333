import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileExpression } from '../../src/template/compile.ts';
import { isTruthy } from '../../src/template/truth.ts';
import { contextOf, evaluate } from './support.ts';

test('false, 0, null, empty text and the text false are false, everything else is true', () => {
  for (const value of [false, 0, null, '', 'false']) assert.equal(isTruthy(value), false, JSON.stringify(value));
  for (const value of [true, 1, -1, ' ', '0', 'no', [], {}]) assert.equal(isTruthy(value), true, JSON.stringify(value));
});

test('a condition is a bare helper expression, a value, or either in braces', () => {
  assert.equal(evaluate('eq trigger.branch "main"'), true);
  assert.equal(evaluate("  eq trigger.branch 'dev'\n"), false);
  assert.equal(evaluate('version.ok'), 'true');
  assert.equal(evaluate('.version.output.ok'), 'true');
  assert.equal(evaluate('not (eq inputs.count 3)'), false);
  assert.equal(evaluate('{{ eq trigger.branch "main" }}'), true);
  assert.equal(evaluate('true'), true);
  assert.equal(evaluate('eq "}}" "}}"'), true);
});

test('what is missing below the payload is null in a condition, everything else must exist', () => {
  assert.equal(evaluate('trigger.payload.pull_request.draft'), null);
  assert.equal(evaluate('eq trigger.payload.action "opened"'), false);
  assert.equal(evaluate('trigger.payload.x', { trigger: { payload: null } }), null);
  assert.throws(() => evaluate('inputs.nope'), /does not exist/);
  assert.throws(() => evaluate('eq trigger.nope "x"'), /does not exist/);
});

test('references stand where they were written, with braces and without', () => {
  for (const source of ['eq .a.b (lower c.d)', ' {{ eq .a.b (lower c.d) }} ']) {
    const { value } = compileExpression(source);
    assert.deepEqual(
      value?.references.map(({ path, offset, length }) => [path.join('.'), source.slice(offset, offset + length)]),
      [
        ['a.b', 'a.b'],
        ['c.d', 'c.d'],
      ],
    );
    assert.equal(value?.source, source);
  }
});

test('an error of a condition points into the condition', () => {
  const { value } = compileExpression('eq inputs.nope "x"');
  assert.throws(() => value?.evaluate(contextOf()), { name: 'TemplateError', offset: 3, source: 'eq inputs.nope "x"' });
});

test('a condition on a confidential value is confidential', () => {
  assert.equal(compileExpression('eq secrets.TOKEN "x"').value?.evaluate(contextOf()).confidential, true);
  assert.equal(compileExpression('eq inputs.count 3').value?.evaluate(contextOf()).confidential, false);
});
