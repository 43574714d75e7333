import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '../../src/util/crc32c.ts';

test('the checksum is the one of RFC 3720', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  assert.equal(crc32c(new Uint8Array()), 0);
});
