import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskRoom, judgeRoom } from '../../src/util/disk-room.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const GIBI = 1024 ** 3;
const LIMITS = { minFreeBytes: GIBI / 2, minFreePercent: 5 };

test('the larger of both bounds counts', () => {
  assert.equal(judgeRoom(2 * GIBI, 20 * GIBI, LIMITS).problem, null);
  assert.equal(judgeRoom(0.9 * GIBI, 20 * GIBI, LIMITS).problem, 'the disk is nearly full: 921.6MiB free, 1GiB wanted');
  assert.equal(judgeRoom(0.4 * GIBI, GIBI, LIMITS).problem, 'the disk is nearly full: 409.6MiB free, 512MiB wanted');
});

test('the disk of a folder is asked', async (t) => {
  const folder = temporaryFolder(t);
  const room = await diskRoom(folder, { minFreeBytes: 0, minFreePercent: 0 });
  assert.ok(room.totalBytes > 0 && room.freeBytes <= room.totalBytes);
  assert.equal(room.problem, null);
  const wanted = { minFreeBytes: room.totalBytes * 2, minFreePercent: 0 };
  assert.match((await diskRoom(folder, wanted)).problem ?? '', /nearly full/);
});
