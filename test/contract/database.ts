import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Database, Range } from '../../src/model/database.ts';

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
}

async function listed(database: Database, range: Range): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of database.list(range)) keys.push(key);
  return keys;
}
