import type { Change, Database, Entry, Range } from '../model/database.ts';
import { CommitQueue } from './commit-queue.ts';

/** A database that forgets when the process ends: the twin of the real one, for tests. */
export class MemoryDatabase implements Database {
  readonly #values = new Map<string, string>();
  readonly #queue = new CommitQueue((changes) => this.#apply(changes));
  readonly #copies: Map<string, ReadonlyMap<string, string>>;

  /** `copies` receives what `backup` writes, by the name of the folder. */
  constructor(copies = new Map<string, ReadonlyMap<string, string>>()) {
    this.#copies = copies;
  }

  get(key: string): string | undefined {
    const pending = this.#queue.get(key);
    return pending === undefined ? this.#values.get(key) : (pending ?? undefined);
  }

  async *list(range: Range): AsyncIterable<Entry> {
    const keys = [...this.#values.keys()].filter((key) => isWithin(key, range)).sort();
    if (range.reverse) keys.reverse();
    const entries = keys.slice(0, range.limit).map((key) => ({ key, value: this.#values.get(key) ?? '' }));
    yield* entries;
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.#queue.commit(changes);
  }

  async backup(folder: string): Promise<void> {
    if (this.#copies.has(folder)) throw new Error(`${folder}: exists already`);
    this.#copies.set(folder, new Map(this.#values));
  }

  async close(): Promise<void> {
    await this.#queue.idle();
  }

  async #apply(changes: readonly Change[]): Promise<void> {
    for (const { key, value } of changes) {
      if (value === null) this.#values.delete(key);
      else this.#values.set(key, value);
    }
  }
}

function isWithin(key: string, { prefix, after, before }: Range): boolean {
  return key.startsWith(prefix) && (after === undefined || key > after) && (before === undefined || key < before);
}
