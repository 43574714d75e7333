import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CHAIN_SLOTS,
  decodeLink,
  encodeLink,
  findBreak,
  findLoss,
  type Link,
  linkAfter,
  NO_LINK,
  slotOf,
} from '../../src/store/commit-chain.ts';

/** The links of so many commits, the newest in each slot, without those that were lost. */
function chain(commits: number, lost: (number: number) => boolean = () => false): Link[] {
  const slots = new Map<string, Link>();
  let last = NO_LINK;
  for (let number = 1; number <= commits; number++) {
    last = linkAfter(last, [`commit ${number}`]);
    if (!lost(number)) slots.set(slotOf(number), last);
  }
  return [...slots.values()];
}

test('a whole chain has lost nothing, however long it is', () => {
  for (const commits of [0, 1, 2, CHAIN_SLOTS - 1, CHAIN_SLOTS, CHAIN_SLOTS + 1, 2 * CHAIN_SLOTS + 5]) {
    assert.equal(findLoss(chain(commits), 0, commits), null);
    assert.equal(findLoss(chain(commits), 0, Math.max(0, commits - 3)), null);
    assert.equal(findBreak(chain(commits), 0), null);
  }
});

test('lost commits are counted: the newest by the witness, those in between by their gap, the first, and all', () => {
  assert.deepEqual(findLoss(chain(7), 0, 10), { after: 7, lost: 3 });
  assert.deepEqual(
    findLoss(
      chain(10, (number) => number > 3 && number < 6),
      0,
      10,
    ),
    { after: 3, lost: 2 },
  );
  assert.deepEqual(
    findLoss(
      chain(10, (number) => number === 4 || number === 8),
      0,
      11,
    ),
    { after: 3, lost: 3 },
  );
  assert.deepEqual(
    findLoss(
      chain(10, (number) => number === 1),
      0,
      10,
    ),
    { after: 0, lost: 1 },
  );
  assert.deepEqual(findLoss([], 0, 10), { after: 0, lost: 10 });
});

test('a gap is seen when its slots hold links of the round before', () => {
  const commits = 2 * CHAIN_SLOTS + 100;
  const gap = chain(commits, (number) => number > commits - 50 && number <= commits - 40);
  assert.deepEqual(findLoss(gap, 0, commits), { after: commits - 50, lost: 10 });
});

test('what was lost before the loss was accepted is not asked for', () => {
  const gap = chain(10, (number) => number === 4);
  assert.equal(findLoss(gap, 6, 10), null);
});

test('links that do not follow each other are of two histories', () => {
  const links = chain(5);
  const other = linkAfter({ ...NO_LINK, number: 2, hash: Buffer.alloc(32, 1) }, ['another third commit']);
  const mixed = links.map((link) => (link.number === 3 ? other : link));
  assert.deepEqual(findBreak(mixed, 0), [2, 3]);
});

test('a link is stored in 72 bytes, and other bytes are none', () => {
  const link = linkAfter(NO_LINK, ['a']);
  assert.deepEqual(decodeLink(encodeLink(link)), link);
  assert.equal(encodeLink(link).length, 72);
  assert.equal(decodeLink(encodeLink(link).subarray(1)), null);
});

test('the hash of a commit tells its parts apart', () => {
  const hashes = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', '']].map((parts) =>
    linkAfter(NO_LINK, parts).hash.toString('hex'),
  );
  assert.equal(new Set(hashes).size, hashes.length);
});
