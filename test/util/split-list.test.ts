import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitList } from '../../src/util/split-list.ts';

test('commas within parentheses and quotes do not split', () => {
  const cases: readonly (readonly [text: string, parts: readonly string[]])[] = [
    ['a,b', ['a', 'b']],
    ['', ['']],
    [',a,,', ['', 'a', '', '']],
    ['test(os=linux,node=24),b', ['test(os=linux,node=24)', 'b']],
    ['test(a="x),y",b="\\"),"),c', ['test(a="x),y",b="\\"),")', 'c']],
    ['test(a,b', ['test(a,b']],
    ['x),y', ['x)', 'y']],
  ];
  for (const [text, parts] of cases) assert.deepEqual(splitList(text), parts, text);
});

test('the parts make the text again', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '(', ')', '"', '\\') });
  fc.assert(fc.property(text, (list) => assert.equal(splitList(list).join(','), list)));
});
