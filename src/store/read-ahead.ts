import type { Lease, ResultStore, StoreEntry } from '../model/store.ts';

/** Bytes of values that are read ahead at most. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * A store from which entries that will be needed are fetched at once, before they are asked for: to ask for each takes a message
 * there and back. A value that was fetched is given out once; who asks again wants to know what is there by now.
 */
export class ReadAhead implements ResultStore {
  readonly #store: ResultStore;
  readonly #fetched = new Map<string, Uint8Array>();
  readonly #fetching: Promise<void>;

  /** The values of all keys that begin with `prefix` hold the entries to fetch; `unpack` takes one out. */
  constructor(store: ResultStore, prefix: Uint8Array, unpack: (value: Uint8Array) => StoreEntry) {
    this.#store = store;
    // A store that fails does so again for who asks it.
    this.#fetching = this.#fetch(prefix, unpack).catch(() => {});
  }

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    await this.#fetching;
    const name = nameOf(key);
    const value = this.#fetched.get(name);
    if (value === undefined) return this.#store.get(key);
    this.#fetched.delete(name);
    return value;
  }

  put(entries: readonly StoreEntry[]): Promise<void> {
    this.#forget(entries.map(({ key }) => key));
    return this.#store.put(entries);
  }

  delete(keys: readonly Uint8Array[]): Promise<void> {
    this.#forget(keys);
    return this.#store.delete(keys);
  }

  list(prefix: Uint8Array, after?: Uint8Array): AsyncIterable<StoreEntry> {
    return this.#store.list(prefix, after);
  }

  lease(key: Uint8Array, signal: AbortSignal): Promise<Lease> {
    return this.#store.lease(key, signal);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #fetch(prefix: Uint8Array, unpack: (value: Uint8Array) => StoreEntry): Promise<void> {
    let bytes = 0;
    for await (const { value: packed } of this.#store.list(prefix)) {
      bytes += packed.length;
      if (bytes > MOST_BYTES) return;
      const { key, value } = unpack(packed);
      this.#fetched.set(nameOf(key), value);
    }
  }

  #forget(keys: readonly Uint8Array[]): void {
    for (const key of keys) this.#fetched.delete(nameOf(key));
  }
}

/** Bytes as a key of a map. */
function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
