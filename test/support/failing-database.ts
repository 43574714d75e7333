import type { Change, Database, Entry, Range } from '../../src/model/database.ts';

/**
 * A database in front of another that counts commits, from 1, and asks `fault` before each: what it throws, the commit rejects
 * with, and nothing of it is written. Give a fault that throws at the Nth to try every place where the disk may fail.
 */
export class FailingDatabase implements Database {
  /** How many commits were asked for. */
  commits = 0;
  readonly #database: Database;
  readonly #fault: (commit: number, changes: readonly Change[]) => void;

  constructor(database: Database, fault: (commit: number, changes: readonly Change[]) => void) {
    this.#database = database;
    this.#fault = fault;
  }

  get(key: string): string | undefined {
    return this.#database.get(key);
  }

  list(range: Range): AsyncIterable<Entry> {
    return this.#database.list(range);
  }

  async commit(changes: readonly Change[]): Promise<void> {
    this.commits++;
    this.#fault(this.commits, changes);
    await this.#database.commit(changes);
  }

  backup(folder: string): Promise<void> {
    return this.#database.backup(folder);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** A fault for the Nth commit: a full disk. */
export function fullDiskAt(commit: number): (number: number) => void {
  return (number) => {
    if (number === commit) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
}
