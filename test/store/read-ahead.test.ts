import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { ReadAhead } from '../../src/store/read-ahead.ts';
import { storeContract } from '../contract/store.ts';

storeContract('store read ahead', async () => new ReadAhead(new MemoryStore(), Buffer.from('')));

test('what was there is given out once without asking, then the store is asked', async () => {
  const store = new MemoryStore();
  const [key, old, fresh] = [Buffer.from('a1'), Buffer.from('old'), Buffer.from('new')];
  await store.put([{ key, value: old }]);
  const ahead = new ReadAhead(store, Buffer.from('a'));
  // The first call waits until all is fetched.
  assert.equal(await ahead.get(Buffer.from('a2')), null);
  await store.put([
    { key, value: fresh },
    { key: Buffer.from('a2'), value: fresh },
  ]);
  const got = [await ahead.get(key), await ahead.get(key), await ahead.get(Buffer.from('a2'))];
  assert.deepEqual(
    got.map((value) => Buffer.from(value ?? []).toString()),
    ['old', 'new', 'new'],
  );
});
