import type { Change } from '../model/database.ts';

/** One call of `commit` that waits for its write. */
interface Wish {
  readonly changes: readonly Change[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Group commit: calls of one turn of the event loop share a write, and those that come while a write is under way the next one, in
 * order. What is on its way can be read at once.
 * A failed write takes everything behind it along, for that was decided in the belief that the write would succeed.
 */
export class CommitQueue {
  readonly #write: (changes: readonly Change[]) => Promise<void>;
  /** What is on its way, by key, newest value. */
  readonly #overlay = new Map<string, string | null>();
  #waiting: Wish[] = [];
  #writing: Promise<void> | null = null;

  /** `write` makes all changes durable or none; of two for the same key the later counts. It is never called twice at a time. */
  constructor(write: (changes: readonly Change[]) => Promise<void>) {
    this.#write = write;
  }

  /** The value on its way, null when the key is about to go, undefined when nothing is on its way. */
  get(key: string): string | null | undefined {
    return this.#overlay.get(key);
  }

  /** See `Database.commit`. */
  commit(changes: readonly Change[]): Promise<void> {
    for (const { key, value } of changes) this.#overlay.set(key, value);
    return new Promise((done, failed) => {
      this.#waiting.push({ changes, done, failed });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves once nothing is on its way, however that ended. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      await this.#writeGroup(group);
    }
    this.#writing = null;
  }

  async #writeGroup(group: readonly Wish[]): Promise<void> {
    const changes = group.flatMap((wish) => wish.changes);
    try {
      await this.#write(changes);
    } catch (error) {
      const behind = this.#waiting;
      this.#waiting = [];
      this.#overlay.clear();
      for (const { failed } of [...group, ...behind]) failed(error);
      return;
    }
    this.#settle(changes);
    for (const { done } of group) done();
  }

  /** Forgets what is durable now, but for keys that a waiting call changes again. */
  #settle(written: readonly Change[]): void {
    const again = new Set(this.#waiting.flatMap(({ changes }) => changes.map(({ key }) => key)));
    for (const { key } of written) if (!again.has(key)) this.#overlay.delete(key);
  }
}
