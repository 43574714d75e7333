/** One change of a database: a text put under a key, or null to take the key away. */
export interface Change {
  readonly key: string;
  readonly value: string | null;
}

/** One key with its value. */
export interface Entry {
  readonly key: string;
  readonly value: string;
}

/** Which entries to list, by key in byte order. Keys are ASCII. */
export interface Range {
  readonly prefix: string;
  /** Only keys beyond this one. */
  readonly after?: string;
  /** Only keys before this one. */
  readonly before?: string;
  /** From the last to the first. */
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** What keeps the state of a daemon. One process has it open; nothing in it may be lost. */
export interface Database {
  /** The value as of the last `commit` that was called, also while that one is on its way to the disk. */
  get(key: string): string | undefined;
  /** What is durable; changes on their way may or may not be there yet. */
  list(range: Range): AsyncIterable<Entry>;
  /**
   * Makes all changes or none; resolves once they are on the disk, in the order of the calls. Calls of one turn of the event loop
   * share one write. Rejects when they could not be written: then they, and all that were waiting behind them, are undone.
   */
  commit(changes: readonly Change[]): Promise<void>;
  /** Writes a copy of everything durable to a folder that does not exist yet, while work goes on. */
  backup(folder: string): Promise<void>;
  /** No other call may follow. */
  close(): Promise<void>;
}
