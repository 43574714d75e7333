import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentValues } from '../../src/store/recent-values.ts';

test('what was written last is remembered, also that a key is gone, and the oldest is forgotten first', () => {
  const recent = new RecentValues(12);
  recent.set('a', '1234');
  recent.set('b', null);
  recent.set('c', '12345');
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => recent.get(key)),
    ['1234', null, '12345', undefined],
  );
  recent.set('a', '1234');
  recent.set('d', '');
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => recent.get(key)),
    ['1234', undefined, '12345', ''],
  );
});

test('what is longer than all that may be remembered is not, and neither is what stood there before', () => {
  const recent = new RecentValues(4);
  recent.set('a', '1');
  recent.set('a', '12345');
  assert.equal(recent.get('a'), undefined);
});
