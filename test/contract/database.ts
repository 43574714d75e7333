import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Change, Database, Range } from '../../src/model/database.ts';

/** Opens a database that is empty and private to the test, and sees to its end. */
export type OpenDatabase = (t: TestContext) => Promise<Database>;

/** What every database must do, whatever it is made of. */
export function databaseContract(name: string, open: OpenDatabase): void {
  test(`${name}: what was committed is got back and listed in the order of its keys`, async (t) => {
    const database = await open(t);
    await database.commit(['b/2', 'a/1', 'b/1', 'c'].map((key) => ({ key, value: `${key} é` })));
    assert.equal(database.get('b/1'), 'b/1 é');
    assert.equal(database.get('b'), undefined);
    assert.deepEqual(await listed(database, { prefix: 'b/' }), ['b/1', 'b/2']);
    assert.deepEqual(await listed(database, { prefix: '' }), ['a/1', 'b/1', 'b/2', 'c']);
    assert.deepEqual(await listed(database, { prefix: '', after: 'a/1', before: 'c' }), ['b/1', 'b/2']);
    assert.deepEqual(await listed(database, { prefix: '', reverse: true, limit: 2 }), ['c', 'b/2']);
    assert.deepEqual(await listed(database, { prefix: 'b/', before: 'b/2', reverse: true }), ['b/1']);
    assert.deepEqual(await listed(database, { prefix: 'b/', after: 'a', before: 'z' }), ['b/1', 'b/2']);
    assert.deepEqual(await listed(database, { prefix: 'b/', limit: 0 }), []);
  });

  test(`${name}: of changes to one key the last counts, and null takes it away`, async (t) => {
    const database = await open(t);
    await database.commit([
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
      { key: 'b', value: '' },
    ]);
    assert.deepEqual([database.get('a'), database.get('b')], ['2', '']);
    await database.commit([{ key: 'a', value: null }]);
    assert.equal(database.get('a'), undefined);
    assert.deepEqual(await listed(database, { prefix: '' }), ['b']);
    await database.commit([]);
  });

  test(`${name}: what is on its way can be got at once, and commits end in the order of the calls`, async (t) => {
    const database = await open(t);
    const order: number[] = [];
    const commits = [1, 2, 3].map(async (number) => {
      await database.commit([{ key: 'a', value: String(number) }]);
      order.push(number);
    });
    assert.equal(database.get('a'), '3');
    await Promise.all(commits);
    assert.deepEqual(order, [1, 2, 3]);
    const removal = database.commit([{ key: 'a', value: null }]);
    assert.equal(database.get('a'), undefined);
    await removal;
  });

  test(`${name}: a list is complete however much there is, and as it was when it began`, async (t) => {
    const database = await open(t);
    const keys = Array.from({ length: 2500 }, (_, index) => `k/${String(index).padStart(5, '0')}`);
    await database.commit(keys.map((key) => ({ key, value: 'v'.repeat(200) })));
    const seen: string[] = [];
    for await (const { key } of database.list({ prefix: 'k/' })) {
      if (seen.length === 0) await database.commit(keys.map((one) => ({ key: one, value: null })));
      seen.push(key);
    }
    assert.deepEqual(seen, keys);
    assert.deepEqual(await listed(database, { prefix: 'k/' }), []);
  });

  test(`${name}: any sequence of commits, some at the same time, does what a map would do`, async (t) => {
    const database = await open(t);
    const keys = ['k', 'k/a', 'k/a/1', 'k/b', 'k0'];
    const change = fc.record({ key: fc.constantFrom(...keys), value: fc.option(fc.string({ maxLength: 5 })) });
    const step = fc.record({ changes: fc.array(change, { maxLength: 4 }), wait: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        await database.commit(keys.map((key) => ({ key, value: null })));
        const model = new Map<string, string>();
        const commits: Promise<void>[] = [];
        for (const { changes, wait } of steps) {
          commits.push(database.commit(changes));
          apply(model, changes);
          if (wait) await commits.at(-1);
          for (const key of keys) assert.equal(database.get(key), model.get(key));
        }
        await Promise.all(commits);
        assert.deepEqual(await listed(database, { prefix: 'k' }), [...model.keys()].sort());
      }),
      { numRuns: 40 },
    );
  });
}

function apply(model: Map<string, string>, changes: readonly Change[]): void {
  for (const { key, value } of changes) {
    if (value === null) model.delete(key);
    else model.set(key, value);
  }
}

async function listed(database: Database, range: Range): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of database.list(range)) keys.push(key);
  return keys;
}
