import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreEntry } from '../../src/model/store.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { ReadAhead } from '../../src/store/read-ahead.ts';
import { storeContract } from '../contract/store.ts';

storeContract('store read ahead', async () => new ReadAhead(new MemoryStore(), Buffer.from('k'), unpack));

test('what was there is given out once without asking, then the store is asked', async () => {
  const store = new MemoryStore();
  const [key, other, fresh] = [Buffer.from('a1'), Buffer.from('a2'), Buffer.from('new')];
  await store.put([{ key: Buffer.from('last'), value: Buffer.from('a1:old') }]);
  const ahead = new ReadAhead(store, Buffer.from('last'), unpack);
  // The first call waits until all is fetched.
  assert.equal(await ahead.get(other), null);
  await store.put([key, other].map((one) => ({ key: one, value: fresh })));
  const got = [await ahead.get(key), await ahead.get(key), await ahead.get(other)];
  assert.deepEqual(
    got.map((value) => Buffer.from(value ?? []).toString()),
    ['old', 'new', 'new'],
  );
});

function unpack(packed: Uint8Array): StoreEntry {
  const [key = '', value = ''] = Buffer.from(packed).toString().split(':');
  return { key: Buffer.from(key), value: Buffer.from(value) };
}
