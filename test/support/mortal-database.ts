import type { Change, Database, Entry, Range } from '../../src/model/database.ts';

/** What happens at a commit. `lost`: the program dies before it is written; `kept`: after, but before anybody hears of it. */
export type Fate = 'ok' | 'fails' | 'lost' | 'kept';

/** A view of a database whose commits go wrong as a test wishes. Once dead, it answers nobody any more. */
export class MortalDatabase implements Database {
  /** How many commits were asked for. */
  commits = 0;
  isDead = false;
  readonly #inner: Database;
  readonly #fate: (commit: number) => Fate;
  readonly #onDeath: () => void;

  constructor(inner: Database, fate: (commit: number) => Fate = () => 'ok', onDeath: () => void = () => {}) {
    this.#inner = inner;
    this.#fate = fate;
    this.#onDeath = onDeath;
  }

  get(key: string): string | undefined {
    return this.#inner.get(key);
  }

  list(range: Range): AsyncIterable<Entry> {
    return this.#inner.list(range);
  }

  async commit(changes: readonly Change[]): Promise<void> {
    this.commits += 1;
    const fate = this.isDead ? 'lost' : this.#fate(this.commits);
    if (fate === 'fails') throw new Error('no space left on the device');
    if (fate !== 'lost') await this.#inner.commit(changes);
    if (fate !== 'ok') this.#die();
    if (this.isDead) await new Promise(() => {});
  }

  backup(folder: string): Promise<void> {
    return this.#inner.backup(folder);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #die(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#onDeath();
  }
}
