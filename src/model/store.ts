/** One key with its value. Both are bytes the store does not look into. */
export interface StoreEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The right to work on one key, which nobody else has at the same time. */
export interface Lease {
  /** Gives the right back; a second call does nothing. */
  release(): void;
}

/**
 * Keeps results by key, and lets any number of users, in one process or many, agree on who works on a key. What is in it may
 * be lost at any time: it is a cache. Any call rejects when the store cannot be used.
 */
export interface ResultStore {
  /** The value, or null. */
  get(key: Uint8Array): Promise<Uint8Array | null>;
  /** Writes all entries or none, over what was there. */
  put(entries: readonly StoreEntry[]): Promise<void>;
  /** Keys that are not there are no error. */
  delete(keys: readonly Uint8Array[]): Promise<void>;
  /** Entries whose key begins with `prefix`, by key in byte order; only those beyond `after` when it is given. */
  list(prefix: Uint8Array, after?: Uint8Array): AsyncIterable<StoreEntry>;
  /**
   * Resolves once nobody else holds the key, in the order of asking. A holder that dies gives up its leases. Rejects with the
   * signal's reason when that aborts first.
   */
  lease(key: Uint8Array, signal: AbortSignal): Promise<Lease>;
  /** Gives up all leases. No other call may follow. */
  close(): Promise<void>;
}

/** Keeps the content of files under names that follow from the content, unreadable without the key of this machine. */
export interface BlobStore {
  /** Takes a copy of a regular file; returns its name and its size in bytes. */
  save(path: string): Promise<{ readonly name: string; readonly size: number }>;
  /** The name a regular file would be saved under, were it saved now. */
  nameOf(path: string): Promise<string>;
  /**
   * Writes a file that was saved to a path where nothing is yet. @throws when it is gone or is not what was saved; a damaged
   * one is removed, so that it can be saved again.
   */
  restore(name: string, path: string, mode: number): Promise<void>;
  /**
   * Removes files that are not in `used`, but none younger than `since` (ms since the epoch): somebody may be about to need
   * it. Returns how many bytes that freed.
   */
  sweep(used: ReadonlySet<string>, since: number): Promise<number>;
}
