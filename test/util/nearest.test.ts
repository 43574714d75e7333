import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nearest } from '../../src/util/nearest.ts';

const KEYS = ['timeout', 'retry', 'run', 'name', 'depends_on'];

test('letters that are swapped, missing, doubled or wrong are forgiven', () => {
  for (const word of ['tiemout', 'timout', 'timeoutt', 'timeaut', 'TIMEOUT', 'time_out']) {
    assert.equal(nearest(word, KEYS), 'timeout', word);
  }
});

test('words that are far from all have no suggestion', () => {
  for (const word of ['zzz', 'jobs', 'x', '']) assert.equal(nearest(word, KEYS), undefined, word);
});

test('the nearest of several wins', () => {
  assert.equal(nearest('retri', ['retire', 'retry']), 'retry');
});

test('a word is nearest to itself, and very long words cost nothing', () => {
  fc.assert(fc.property(fc.constantFrom(...KEYS), (word) => nearest(word, KEYS) === word));
  assert.equal(nearest('x'.repeat(100_000), ['x'.repeat(100_000)]), undefined);
});
