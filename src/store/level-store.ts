import { ClassicLevel } from 'classic-level';
import type { Lease, ResultStore, StoreEntry } from '../model/store.ts';
import { LeaseTable } from './lease-table.ts';

/**
 * A store in a LevelDB. Only one process may have it open, and that process must start no others: LevelDB's files would be
 * inherited (reliability X15). Writes are not synced: a result lost with the power is made again.
 */
export class LevelStore implements ResultStore {
  readonly #db: ClassicLevel<Uint8Array, Uint8Array>;
  readonly #leases = new LeaseTable();

  private constructor(db: ClassicLevel<Uint8Array, Uint8Array>) {
    this.#db = db;
  }

  /** Opens the database in a folder, which is made when it is missing. @throws when it is open elsewhere or damaged. */
  static async open(folder: string): Promise<LevelStore> {
    const db = new ClassicLevel<Uint8Array, Uint8Array>(folder, { keyEncoding: 'view', valueEncoding: 'view' });
    await db.open();
    return new LevelStore(db);
  }

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    // Most values are in memory: waiting for another thread would take longer than looking.
    return this.#db.getSync(key) ?? null;
  }

  async put(entries: readonly StoreEntry[]): Promise<void> {
    await this.#db.batch(entries.map(({ key, value }) => ({ type: 'put', key, value })));
  }

  async delete(keys: readonly Uint8Array[]): Promise<void> {
    await this.#db.batch(keys.map((key) => ({ type: 'del', key })));
  }

  async *list(prefix: Uint8Array, after?: Uint8Array): AsyncIterable<StoreEntry> {
    const from = after && Buffer.compare(after, prefix) >= 0 ? { gt: after } : { gte: prefix };
    for await (const [key, value] of this.#db.iterator(from)) {
      if (Buffer.compare(key.subarray(0, prefix.length), prefix) !== 0) return;
      yield { key, value };
    }
  }

  lease(key: Uint8Array, signal: AbortSignal): Promise<Lease> {
    return this.#leases.take(key, signal);
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}
