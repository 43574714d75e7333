import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memo } from '../../src/util/memo.ts';

test('a memo computes once, until newer results have taken the place', () => {
  const computed: string[] = [];
  const upper = memo((text: string) => {
    computed.push(text);
    return { text: text.toUpperCase() };
  }, 2);
  for (const text of ['a', 'b', 'a', 'b', 'c', 'b', 'a']) assert.equal(upper(text).text, text.toUpperCase());
  assert.deepEqual(computed, ['a', 'b', 'c', 'a']);
});
