import type { Lease, ResultStore, StoreEntry } from '../model/store.ts';
import { LeaseTable } from './lease-table.ts';

/** A store that forgets when the process ends: the twin of the real one, for tests. */
export class MemoryStore implements ResultStore {
  readonly #values = new Map<string, StoreEntry>();
  readonly #leases = new LeaseTable();

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    return this.#values.get(nameOf(key))?.value ?? null;
  }

  async put(entries: readonly StoreEntry[]): Promise<void> {
    for (const { key, value } of entries) {
      this.#values.set(nameOf(key), { key: Uint8Array.from(key), value: Uint8Array.from(value) });
    }
  }

  async delete(keys: readonly Uint8Array[]): Promise<void> {
    for (const key of keys) this.#values.delete(nameOf(key));
  }

  async *list(prefix: Uint8Array, after?: Uint8Array): AsyncIterable<StoreEntry> {
    const start = nameOf(prefix);
    const last = after && nameOf(after);
    const names = [...this.#values.keys()].filter((name) => name.startsWith(start) && (!last || name > last));
    for (const name of names.sort()) {
      const entry = this.#values.get(name);
      if (entry) yield entry;
    }
  }

  lease(key: Uint8Array, signal: AbortSignal): Promise<Lease> {
    return this.#leases.take(key, signal);
  }

  async close(): Promise<void> {}
}

/** Bytes as characters of the same order. */
function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1');
}
