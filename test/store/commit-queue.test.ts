import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../src/model/database.ts';
import { CommitQueue } from '../../src/store/commit-queue.ts';

/** A queue whose writes end when the test says so. */
function queueRig() {
  const writes: { keys: string[]; done: () => void; failed: (error: Error) => void }[] = [];
  const queue = new CommitQueue(
    (changes) =>
      new Promise((done, failed) => {
        writes.push({ keys: changes.map(({ key }) => key), done, failed });
      }),
  );
  return { queue, writes };
}

const put = (key: string, value = '1'): Change[] => [{ key, value }];

/** Lets everything happen that waits for nothing from outside. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('commits that come while a write is under way share the next one', async () => {
  const { queue, writes } = queueRig();
  const commits = [queue.commit(put('a')), queue.commit(put('b'))];
  await settle();
  commits.push(queue.commit(put('c')), queue.commit(put('d')));
  await settle();
  assert.deepEqual(
    writes.map(({ keys }) => keys),
    [['a', 'b']],
  );
  writes[0]?.done();
  await settle();
  assert.deepEqual(writes[1]?.keys, ['c', 'd']);
  writes[1]?.done();
  await Promise.all(commits);
  await queue.idle();
});

test('commits of one turn of the event loop share a write, however many promises lie between them', async () => {
  const { queue, writes } = queueRig();
  const first = queue.commit(put('a'));
  for (let hop = 0; hop < 100; hop += 1) await Promise.resolve();
  const second = queue.commit(put('b'));
  await settle();
  assert.deepEqual(
    writes.map(({ keys }) => keys),
    [['a', 'b']],
  );
  writes[0]?.done();
  await Promise.all([first, second]);
});

test('a failed write takes what waits behind it along, and then all is as before', async () => {
  const { queue, writes } = queueRig();
  const first = queue.commit(put('a'));
  await settle();
  const second = queue.commit(put('b'));
  assert.deepEqual([queue.get('a'), queue.get('b')], ['1', '1']);
  writes[0]?.failed(new Error('full'));
  await assert.rejects(first, /full/);
  await assert.rejects(second, /full/);
  assert.deepEqual([queue.get('a'), queue.get('b')], [undefined, undefined]);
  assert.equal(writes.length, 1);
  const third = queue.commit(put('c'));
  await settle();
  writes[1]?.done();
  await third;
});

test('a key that is changed again while it is written keeps its newest value', async () => {
  const { queue, writes } = queueRig();
  const first = queue.commit(put('a', '1'));
  await settle();
  const second = queue.commit([{ key: 'a', value: null }]);
  writes[0]?.done();
  await first;
  assert.equal(queue.get('a'), null);
  await settle();
  writes[1]?.done();
  await second;
  assert.equal(queue.get('a'), undefined);
});
