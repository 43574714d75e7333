import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectExports } from '../../src/engine/collect-exports.ts';
import type { Export } from '../../src/model/workflow.ts';
import { SecretSet } from '../../src/util/mask/secret-set.ts';

const exported = (name: string, more: Partial<Export> = {}): Export => ({
  name,
  confidential: false,
  scope: 'local',
  optional: false,
  ...more,
});
const written = (values: Record<string, string>) => ({ values: new Map(Object.entries(values)) });
const noSecrets = new SecretSet();

test('only what is declared leaves the task', () => {
  const declared = [exported('a', { scope: 'global' }), exported('b', { confidential: true })];
  const { outputs, failure } = collectExports(declared, written({ a: '1', b: '2', c: '3' }), noSecrets, true);
  assert.equal(failure, null);
  assert.deepEqual(
    { ...outputs },
    {
      a: { value: '1', confidential: false, scope: 'global' },
      b: { value: '2', confidential: true, scope: 'local' },
    },
  );
});

test('a declared export that is missing after success is a failure that says what was written', () => {
  const declared = [exported('version'), exported('digest'), exported('a')];
  const { outputs, failure } = collectExports(declared, written({ a: '1', verison: '2' }), noSecrets, true);
  assert.deepEqual(failure, {
    reason: 'missing_output',
    message: 'did not write "version", "digest" to $OUTPUT_FILE (it wrote only "a", "verison")',
  });
  assert.deepEqual(Object.keys(outputs), ['a']);
  assert.match(collectExports(declared, written({}), noSecrets, true).failure?.message ?? '', /it wrote nothing/);
});

test('an optional export may be missing', () => {
  const { outputs, failure } = collectExports([exported('a', { optional: true })], written({}), noSecrets, true);
  assert.deepEqual([{ ...outputs }, failure], [{}, null]);
});

test('what a failed task wrote is kept, and what it did not write is no second failure', () => {
  const { outputs, failure } = collectExports([exported('a'), exported('b')], written({ a: '1' }), noSecrets, false);
  assert.deepEqual([Object.keys(outputs), failure], [['a'], null]);
});

test('a malformed file is a failure without outputs', () => {
  const malformed = { error: { line: 3, message: '$OUTPUT_FILE, line 3: expected name=value' } };
  const { outputs, failure } = collectExports([exported('a')], malformed, noSecrets, true);
  assert.deepEqual({ ...outputs }, {});
  assert.deepEqual(failure, { reason: 'bad_output', message: '$OUTPUT_FILE, line 3: expected name=value' });
});

test('a value with a known secret in it, in any form, is confidential by itself', () => {
  const secrets = new SecretSet();
  secrets.add('hunter2');
  const values = { a: 'user:hunter2@host', b: Buffer.from('hunter2').toString('base64'), c: 'hunter' };
  const { outputs } = collectExports([exported('a'), exported('b'), exported('c')], written(values), secrets, true);
  assert.deepEqual(
    Object.values(outputs).map(({ confidential }) => confidential),
    [true, true, false],
  );
});
