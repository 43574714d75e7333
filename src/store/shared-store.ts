import type { Clock } from '../model/ports.ts';
import type { Lease, ResultStore, StoreEntry } from '../model/store.ts';
import { type StoreCommand, startStore } from './start-store.ts';
import { StoreConnection, StoreGone } from './store-connection.ts';
import { OP } from './wire.ts';

/** How long a store process may take to come up, in ms: a busy machine is slow. */
const START_PATIENCE_MS = 15_000;

/** What a shared store takes from outside. */
export interface SharedStoreOptions {
  /** The folder the store lives in, absolute; made by the store process. */
  readonly folder: string;
  readonly command: StoreCommand;
  readonly clock: Clock;
}

/**
 * The store of a folder, shared with any number of other processes: a small process owns it, and is started when there is
 * none. When that process dies, the next call starts another.
 */
export class SharedStore implements ResultStore {
  readonly #options: SharedStoreOptions;
  #opening: Promise<StoreConnection> | null = null;
  #current: StoreConnection | null = null;

  constructor(options: SharedStoreOptions) {
    this.#options = options;
  }

  /** Begins to reach the store, for those who will need it soon; what goes wrong is told to who needs it then. */
  reach(): void {
    this.#connected().catch(() => {});
  }

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    const [value] = await this.#ask((connection) => connection.request(OP.get, [key]));
    return value ?? null;
  }

  async put(entries: readonly StoreEntry[]): Promise<void> {
    const fields = entries.flatMap(({ key, value }) => [key, value]);
    await this.#ask((connection) => connection.request(OP.put, fields));
  }

  async delete(keys: readonly Uint8Array[]): Promise<void> {
    await this.#ask((connection) => connection.request(OP.delete, keys));
  }

  async *list(prefix: Uint8Array, after?: Uint8Array): AsyncIterable<StoreEntry> {
    for (let last = after; ; ) {
      const from = last === undefined ? [prefix] : [prefix, last];
      const fields = await this.#ask((connection) => connection.request(OP.page, from));
      if (fields.length === 0) return;
      for (let index = 0; index + 1 < fields.length; index += 2) {
        const [key, value] = fields.slice(index, index + 2);
        if (key && value) yield { key, value };
        last = key;
      }
    }
  }

  lease(key: Uint8Array, signal: AbortSignal): Promise<Lease> {
    return this.#ask((connection) => connection.lease(key, signal));
  }

  async close(): Promise<void> {
    const connection = await this.#opening?.catch(() => null);
    connection?.close();
  }

  /** Every request may be made twice without harm, so one that was cut off is made again. */
  async #ask<T>(ask: (connection: StoreConnection) => Promise<T>): Promise<T> {
    try {
      return await ask(await this.#connected());
    } catch (error) {
      if (!(error instanceof StoreGone)) throw error;
      return ask(await this.#connected());
    }
  }

  /** A store that could not be reached at all is not tried again: each try may cost seconds. */
  #connected(): Promise<StoreConnection> {
    if (this.#current?.usable === false) this.#opening = null;
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<StoreConnection> {
    this.#current = await reach(this.#options);
    return this.#current;
  }
}

/** Connects to the store process of a folder, which is started when there is none. @throws when that does not work out */
async function reach({ folder, command, clock }: SharedStoreOptions): Promise<StoreConnection> {
  const deadline = clock.monotonic() + START_PATIENCE_MS;
  for (;;) {
    try {
      return await StoreConnection.open(folder, clock);
    } catch (error) {
      if (!(error instanceof StoreGone) || clock.monotonic() > deadline) throw error;
    }
    await startStore(command, clock, START_PATIENCE_MS);
  }
}
