import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMarks, encodeMarks, type LogMark } from '../../../src/util/log/log-index.ts';
import { LogTail } from '../../../src/util/log/log-tail.ts';

test('the last bytes are kept, with their times and streams, however many came before', () => {
  const tail = new LogTail(100);
  for (let time = 0; time < 20_000; time++) {
    tail.push(time % 2 === 0 ? 'stdout' : 'stderr', time, Buffer.from(String(time % 10)));
  }
  const { bytes, marks } = tail.take();
  assert.equal(bytes.toString(), '0123456789'.repeat(10));
  assert.equal(tail.dropped, 19_900);
  assert.equal(marks.length, 100);
  assert.deepEqual(marks[0], { source: 'stdout', time: 19_900, offset: 0 });
  assert.deepEqual(marks.at(-1), { source: 'stderr', time: 19_999, offset: 99 });
});

test('a tail of no bytes keeps none', () => {
  const tail = new LogTail(0);
  tail.push('stdout', 0, Buffer.from('text'));
  assert.deepEqual(tail.take(), { bytes: Buffer.alloc(0), marks: [] });
  assert.equal(tail.dropped, 4);
});

test('marks come back from the index as they went in', () => {
  const marks: LogMark[] = [
    { time: 0, source: 'runner', offset: 0 },
    { time: 1_700_000_000_123, source: 'stderr', offset: 2 ** 32 + 5 },
    { time: 2 ** 48 - 1, source: 'stdout', offset: Number.MAX_SAFE_INTEGER },
  ];
  assert.deepEqual(decodeMarks(encodeMarks(marks)), marks);
});
