import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { ResultStore } from '../../src/model/store.ts';

/** Opens a store that is empty and private to the test, and sees to its end. */
export type OpenStore = (t: TestContext) => Promise<ResultStore>;

/** What every result store must do, whatever it is made of. */
export function storeContract(name: string, open: OpenStore): void {
  test(`${name}: what was put is got back, byte for byte, and nothing else`, async (t) => {
    const store = await open(t);
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await store.put([
      { key: every, value: every },
      { key: bytes('empty'), value: new Uint8Array() },
    ]);
    assert.deepEqual(text(await store.get(every)), text(every));
    assert.equal((await store.get(bytes('empty')))?.length, 0);
    assert.equal(await store.get(bytes('other')), null);
    assert.equal(await store.get(every.subarray(0, 255)), null);
  });

  test(`${name}: a put replaces, a delete removes, and both take many at once`, async (t) => {
    const store = await open(t);
    await store.put(['a', 'b', 'c'].map((key) => ({ key: bytes(key), value: bytes('1') })));
    await store.put([{ key: bytes('b'), value: bytes('2') }]);
    await store.delete([bytes('a'), bytes('never there')]);
    assert.deepEqual(await listed(store, ''), ['b=2', 'c=1']);
    await store.delete([]);
    await store.put([]);
    assert.deepEqual(await listed(store, ''), ['b=2', 'c=1']);
  });

  test(`${name}: a list has the keys of a prefix in byte order, from a given one on`, async (t) => {
    const store = await open(t);
    const keys = ['b', 'a\u0000z', 'a', 'ab', 'é', 'a\u0000b'];
    await store.put(keys.map((key) => ({ key: bytes(key), value: bytes('') })));
    assert.deepEqual(await listed(store, ''), ['a=', 'a\u0000b=', 'a\u0000z=', 'ab=', 'b=', 'é=']);
    assert.deepEqual(await listed(store, 'a\u0000'), ['a\u0000b=', 'a\u0000z=']);
    assert.deepEqual(await listed(store, 'a\u0000', 'a\u0000b'), ['a\u0000z=']);
    assert.deepEqual(await listed(store, 'a', 'b'), []);
    assert.deepEqual(await listed(store, 'x'), []);
  });

  test(`${name}: a list is complete however much there is`, async (t) => {
    const store = await open(t);
    const keys = Array.from({ length: 1500 }, (_, index) => String(index).padStart(5, '0'));
    await store.put(keys.map((key) => ({ key: bytes(key), value: new Uint8Array(1000) })));
    const seen: string[] = [];
    for await (const { key } of store.list(bytes(''))) seen.push(text(key));
    assert.deepEqual(seen, keys);
  });

  test(`${name}: large values are fine`, async (t) => {
    const store = await open(t);
    const value = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 251);
    await store.put([{ key: bytes('large'), value }]);
    assert.ok(Buffer.from(value).equals((await store.get(bytes('large'))) ?? new Uint8Array()));
  });

  test(`${name}: any sequence of calls does what a map would do`, async (t) => {
    const store = await open(t);
    const key = fc.constantFrom('a', 'b', 'ab', 'a\u0000', '');
    const step = fc.oneof(
      fc.record({ put: fc.array(fc.tuple(key, fc.string({ maxLength: 5 })), { maxLength: 3 }) }),
      fc.record({ delete: fc.array(key, { maxLength: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const model = new Map<string, string>();
        await store.delete(['a', 'b', 'ab', 'a\u0000', ''].map((name) => bytes(`k${name}`)));
        for (const one of steps) {
          if ('put' in one) {
            for (const [name, value] of one.put) model.set(name, value);
            await store.put(one.put.map(([name, value]) => ({ key: bytes(`k${name}`), value: bytes(value) })));
          } else {
            for (const name of one.delete) model.delete(name);
            await store.delete(one.delete.map((name) => bytes(`k${name}`)));
          }
        }
        const expected = [...model].map(([name, value]) => `k${name}=${value}`);
        assert.deepEqual((await listed(store, 'k')).sort(), expected.sort());
      }),
      { numRuns: 30 },
    );
  });

  test(`${name}: one holds a lease, the others wait in the order of asking`, async (t) => {
    const store = await open(t);
    const { signal } = new AbortController();
    const order: string[] = [];
    const first = await store.lease(bytes('k'), signal);
    const others = ['second', 'third'].map(async (who) => {
      const lease = await store.lease(bytes('k'), signal);
      order.push(who);
      return lease;
    });
    const elsewhere = await store.lease(bytes('another key'), signal);
    assert.deepEqual(order, []);
    first.release();
    first.release();
    const second = await others[0];
    assert.deepEqual(order, ['second']);
    second?.release();
    (await others[1])?.release();
    elsewhere.release();
    assert.deepEqual(order, ['second', 'third']);
  });

  test(`${name}: who stops waiting for a lease is passed over`, async (t) => {
    const store = await open(t);
    const { signal } = new AbortController();
    const impatient = new AbortController();
    const first = await store.lease(bytes('k'), signal);
    const waiting = store.lease(bytes('k'), impatient.signal);
    const patient = store.lease(bytes('k'), signal);
    impatient.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    first.release();
    (await patient).release();
    await assert.rejects(store.lease(bytes('k'), impatient.signal), /enough/);
    (await store.lease(bytes('k'), signal)).release();
  });
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array | null): string {
  return value === null ? 'null' : Buffer.from(value).toString();
}

async function listed(store: ResultStore, prefix: string, after?: string): Promise<string[]> {
  const seen: string[] = [];
  for await (const { key, value } of store.list(bytes(prefix), after === undefined ? undefined : bytes(after))) {
    seen.push(`${text(key)}=${text(value)}`);
  }
  return seen;
}
