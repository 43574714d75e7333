import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Database } from '../../src/model/database.ts';

/** Commits so many values of random bytes; those that were acknowledged are noted. Resolves to the number of refusals. */
export async function writeValues(
  database: Database,
  known: Map<string, string>,
  count: number,
  bytes: number,
): Promise<number> {
  let refused = 0;
  for (let index = 0; index < count; index++) {
    const [key, value] = [`${known.size}/${index}`, randomBytes(bytes / 2).toString('hex')];
    try {
      await database.commit([{ key, value }]);
      known.set(key, value);
    } catch {
      refused++;
      assert.equal(database.get(key), undefined);
    }
  }
  return refused;
}

/** The database holds what was noted, and nothing else. */
export async function assertHolds(database: Database, known: ReadonlyMap<string, string>): Promise<void> {
  const seen = new Map<string, string>();
  for await (const { key, value } of database.list({ prefix: '' })) seen.set(key, value);
  assert.deepEqual(seen, new Map([...known].sort(([a], [b]) => (a < b ? -1 : 1))));
  for (const [key, value] of known) assert.equal(database.get(key), value);
}
