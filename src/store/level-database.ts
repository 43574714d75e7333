import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { ControlError } from '../model/control.ts';
import type { Change, Database, Entry, Range } from '../model/database.ts';
import { collectGarbage } from '../util/collect-garbage.ts';
import type { Vault } from '../util/vault.ts';
import { decodeLink, encodeLink, type Link, type Loss, linkAfter, slotOf } from './commit-chain.ts';
import { CommitQueue } from './commit-queue.ts';
import { findDamagedTables, watchOpening } from './level-check.ts';
import { copyLevel } from './level-copy.ts';
import { bytesToMend, checkDisk, type Level, makePrivate, newestLog, openLevel, WITNESS_NAME } from './level-folder.ts';
import { checkSchema, FIRST_KEY, LOSS_ACCEPTED, openValue, readChain, SCHEMA, sealValue } from './level-schema.ts';
import { RecentValues } from './recent-values.ts';
import { WitnessFile } from './witness-file.ts';

/** A database that is open, and what it noticed of commits that were acknowledged and are gone. */
export interface OpenedDatabase {
  readonly database: LevelDatabase;
  readonly loss: Loss | null;
}

/** How much of what was written last is remembered as it was before it was sealed: runs that go on are read again and again. */
const RECENT_CHARACTERS = 2 * 1024 * 1024;

/** What it took to pack and to seal a longer value, in characters, is not left lying about until somebody reads it. */
const LARGE_VALUE = 1024 * 1024;

/** One operation of LevelDB. */
type Operation = { type: 'put'; key: string; value: Uint8Array } | { type: 'del'; key: string };

/**
 * The database of a daemon, in a LevelDB. Every commit is synced; values are sealed. Commits are numbered and chained, and a
 * witness beside them knows the last number: LevelDB drops what it cannot read without a word, and so it is noticed.
 */
export class LevelDatabase implements Database {
  readonly #folder: string;
  readonly #vault: Vault;
  readonly #witness: WitnessFile;
  readonly #queue = new CommitQueue((changes) => this.#write(changes));
  readonly #recent = new RecentValues(RECENT_CHARACTERS);
  #level: Level;
  #last: Link;
  /**
   * The write that failed last, null when none has. Until that is dealt with nothing is written: LevelDB's log may end in half a
   * record, or in a whole one that is there after all.
   */
  #failed: { readonly operations: readonly Operation[]; readonly why: string } | null = null;
  /** What takes it back, as soon as that is known. */
  #undo: readonly Operation[] | null = null;

  private constructor(folder: string, vault: Vault, level: Level, last: Link) {
    this.#folder = folder;
    this.#vault = vault;
    this.#level = level;
    this.#last = last;
    this.#witness = new WitnessFile(join(folder, WITNESS_NAME));
  }

  /**
   * Opens the database in a folder, which is made when it is missing. A loss is reported at every opening until it is accepted.
   * Sets the umask of the process to 077. @throws DatabaseRefusal
   */
  static async open(folder: string, vault: Vault): Promise<OpenedDatabase> {
    makePrivate(folder);
    const testimony = checkSchema(folder);
    return watchOpening(folder, async () => {
      const level = await openLevel(folder);
      try {
        const { last, loss, isNew } = await readChain(folder, level, vault, testimony);
        const database = new LevelDatabase(folder, vault, level, last);
        if (isNew) await database.commit([{ key: SCHEMA.key, value: String(SCHEMA.version) }]);
        return { database, loss };
      } catch (error) {
        await level.close();
        throw error;
      }
    });
  }

  get(key: string): string | undefined {
    const pending = this.#queue.get(key);
    if (pending !== undefined) return pending ?? undefined;
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent ?? undefined;
    const sealed = this.#readable.getSync(key);
    return sealed === undefined ? undefined : openValue(this.#vault, key, sealed);
  }

  async *list(range: Range): AsyncIterable<Entry> {
    for await (const [key, sealed] of this.#readable.iterator(limitsOf(range))) {
      yield new SealedEntry(this.#vault, key, sealed);
    }
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.#queue.commit(changes);
  }

  /** Why nothing can be written, in words; null while writes succeed. */
  get trouble(): string | null {
    return this.#failed && `state cannot be written: ${this.#failed.why}`;
  }

  /** Writes something of no importance where a write has failed: `trouble` is over as soon as it can be. */
  async tryAgain(): Promise<void> {
    if (this.#failed === null) return;
    // What is wrong is told by `trouble`.
    await this.#queue.commit([{ key: SCHEMA.key, value: String(SCHEMA.version) }]).catch(() => undefined);
  }

  /** Says that what follows from a loss is done; it is not reported again. */
  async acceptLoss(): Promise<void> {
    await this.#queue.commit([{ key: LOSS_ACCEPTED, value: String(this.#last.number) }]);
  }

  /** Reads every table and names those that are damaged; LevelDB would notice late or never. Takes seconds where there is much. */
  check(): Promise<readonly string[]> {
    return findDamagedTables(this.#folder, this.#readable);
  }

  async backup(folder: string): Promise<void> {
    mkdirSync(folder, { mode: 0o700 });
    try {
      await copyLevel(this.#readable, folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    this.#witness.close();
    await this.#level.close();
  }

  /** While it is opened anew, nothing can be read: whoever asks hears that it is so for a moment. */
  get #readable(): Level {
    if (this.#level.status === 'open') return this.#level;
    throw new ControlError('disk-full', 'state cannot be read for a moment, as its disk had failed');
  }

  async #write(changes: readonly Change[]): Promise<void> {
    const operations = this.#operationsOf(changes);
    if (operations.length === 0) return;
    if (this.#failed !== null) await this.#mend(this.#failed.operations);
    try {
      await this.#append(operations, this.#last);
    } catch (error) {
      this.#failed = { operations, why: error instanceof Error ? error.message : String(error) };
      throw error;
    }
    for (const { key, value } of changes) this.#recent.set(key, value);
    if (changes.some(({ value }) => value !== null && value.length > LARGE_VALUE)) collectGarbage();
  }

  /** Makes operations durable, as the commit that follows a link. */
  async #append(operations: readonly Operation[], after: Link): Promise<void> {
    const link = linkAfter(after, operations.flatMap(partsOf));
    await this.#apply([...operations, { type: 'put', key: slotOf(link.number), value: encodeLink(link) }]);
    this.#last = link;
    this.#testify(link.number);
  }

  /** LevelDB shows nothing of a write that failed until it is opened anew. */
  #undoOf(operations: readonly Operation[]): readonly Operation[] {
    return operations.map(({ key }) => {
      const value = this.#level.getSync(key);
      return value === undefined ? { type: 'del', key } : { type: 'put', key, value };
    });
  }

  /** Operation by operation, which costs half of what a list of them does. */
  async #apply(operations: readonly Operation[]): Promise<void> {
    const batch = this.#level.batch();
    for (const operation of operations) {
      if (operation.type === 'put') batch.put(operation.key, operation.value);
      else batch.del(operation.key);
    }
    await batch.write({ sync: true });
  }

  /** The commit is durable whether this succeeds or not; a witness that is behind only knows less, until the next commit. */
  #testify(number: number): void {
    try {
      this.#witness.write({ schema: SCHEMA.version, number });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }

  #operationsOf(changes: readonly Change[]): Operation[] {
    const last = new Map(changes.map(({ key, value }) => [key, value]));
    return [...last].map(([key, value]) =>
      value === null ? { type: 'del', key } : { type: 'put', key, value: sealValue(this.#vault, key, value) },
    );
  }

  /** Goes on after a failed write: in a new log, or where LevelDB has given up writing, with LevelDB opened anew. */
  async #mend(failed: readonly Operation[]): Promise<void> {
    const { bavail, bsize } = statfsSync(this.#folder);
    if (bavail * bsize < bytesToMend(this.#folder))
      throw new Error(`no space is left for the database ${this.#folder}`);
    checkDisk(this.#folder);
    this.#undo ??= this.#undoOf(failed);
    if (!(await this.#beginLog())) await this.#openAgain();
    await this.#takeBack(this.#undo);
    this.#failed = null;
    this.#undo = null;
  }

  /** A write of which only the sync failed may be there after all. It was refused, so another one puts back what was there before. */
  async #takeBack(undo: readonly Operation[]): Promise<void> {
    let last = this.#last;
    for (let next = this.#linkAt(last.number + 1); next !== null; next = this.#linkAt(last.number + 1)) last = next;
    if (last !== this.#last) await this.#append(undo, last);
  }

  #linkAt(number: number): Link | null {
    const bytes = this.#level.getSync(slotOf(number));
    const link = bytes === undefined ? null : decodeLink(bytes);
    return link?.number === number ? link : null;
  }

  /** A compaction of nothing puts what is in memory into a table and begins a log; it tells nobody when it could not. */
  async #beginLog(): Promise<boolean> {
    if (this.#level.status !== 'open') return false;
    const before = newestLog(this.#folder);
    await this.#level.compactRange(FIRST_KEY, FIRST_KEY);
    return newestLog(this.#folder) !== before;
  }

  /** Takes some milliseconds. */
  async #openAgain(): Promise<void> {
    await this.#level.close();
    this.#level = await openLevel(this.#folder);
  }
}

/** Who asks for keys only does not pay for values. */
class SealedEntry implements Entry {
  readonly key: string;
  readonly #vault: Vault;
  readonly #sealed: Uint8Array;

  constructor(vault: Vault, key: string, sealed: Uint8Array) {
    this.key = key;
    this.#vault = vault;
    this.#sealed = sealed;
  }

  get value(): string {
    return openValue(this.#vault, this.key, this.#sealed);
  }
}

function partsOf(operation: Operation): (string | Uint8Array)[] {
  return operation.type === 'put' ? [operation.key, operation.value] : [operation.key];
}

/** Keys are ASCII: nothing with the prefix is beyond the prefix and DEL. Our own keys come before `FIRST_KEY`. */
function limitsOf({ prefix, after, before, reverse = false, limit = -1 }: Range) {
  const from = after !== undefined && after >= prefix ? { gt: after } : { gte: prefix || FIRST_KEY };
  const end = `${prefix}\x7f`;
  return { ...from, lt: before !== undefined && before < end ? before : end, reverse, limit };
}
