import { execFile } from 'node:child_process';
import { closeSync, constants, fchownSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskUser } from '../model/task-user.ts';

/** How many FIFOs one call of mkfifo makes. */
const BATCH = 16;

/** What one read takes at most: the capacity of a pipe. */
const CHUNK_BYTES = 64 * 1024;

/** A named pipe, and the memory its bytes are read into. */
export interface Fifo {
  readonly path: string;
  /** Whom it belongs to when it is not this process's own user. */
  readonly owner: number | null;
  readonly buffer: Uint8Array;
  /** The reading end, which never blocks; null while it is closed. */
  readonly reader: number | null;
}

/** A FIFO in use; the writing end is for the task. */
export interface OpenFifo extends Fifo {
  readonly reader: number;
  readonly writer: number;
}

/**
 * Named pipes for the output of tasks. Node's own pipes are sockets, which a task cannot open again as /dev/stderr; making a FIFO
 * costs a process, so they are made many at a time and used again, where possible with the reading end that is open already.
 */
export class FifoPool {
  readonly #folder: string;
  /** Keeps names apart from those that a killed program left in the folder. */
  readonly #prefix = `${process.pid}-${process.hrtime.bigint().toString(36)}`;
  readonly #free: Fifo[] = [];
  #made = 0;
  #making: Promise<void> | undefined;

  /** `folder` is made with the first of them, for this user only. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Begins to make the first ones ahead of need. What goes wrong is told to whoever needs one. */
  prepare(): void {
    this.#makeMore().catch(ignore);
  }

  /** A FIFO that nobody else has open, and that `user` can open once more by its descriptor. @throws what the system says when it is short of something */
  async open(user?: Pick<TaskUser, 'uid'>): Promise<OpenFifo> {
    const fifo = await this.#take();
    const owner = user?.uid ?? null;
    try {
      return openBothEnds(fifo, owner);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // Somebody has removed the folder, which any task of the same user can: make it again.
      this.#forget();
      return openBothEnds(await this.#take(), owner);
    }
  }

  /** Gives back a FIFO that has reached its end: nobody writes to it any more. */
  giveBack({ path, owner, buffer, reader }: Fifo): void {
    this.#free.push({ path, owner, buffer, reader });
  }

  /** Takes a FIFO out of use that somebody may still write to. */
  discard(fifo: Fifo): void {
    rmSync(fifo.path, { force: true });
  }

  /** Removes the folder. */
  async close(): Promise<void> {
    await this.#making?.catch(ignore);
    this.#forget();
    // At once: one by one in the background takes ten times as long, and everybody waits for it.
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #forget(): void {
    for (const { reader } of this.#free.splice(0)) if (reader !== null) closeSync(reader);
  }

  async #take(): Promise<Fifo> {
    for (;;) {
      const fifo = this.#free.pop();
      if (fifo !== undefined) return fifo;
      await this.#makeMore();
    }
  }

  #makeMore(): Promise<void> {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #make(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const first = this.#made;
    this.#made += BATCH;
    const paths = Array.from({ length: BATCH }, (_, index) => join(this.#folder, `${this.#prefix}.${first + index}`));
    await makeFifos(paths);
    for (const path of paths) {
      this.#free.push({ path, owner: null, buffer: Buffer.allocUnsafeSlow(CHUNK_BYTES), reader: null });
    }
  }
}

/** The reader first, so that opening the writer cannot block. */
function openBothEnds(fifo: Fifo, owner: number | null): OpenFifo {
  const reader = fifo.reader ?? openSync(fifo.path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (owner !== fifo.owner) fchownSync(reader, owner ?? ownId(), NOT_CHANGED);
    return { ...fifo, owner, reader, writer: openSync(fifo.path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

/** A group that stays as it is, see chown(2). */
const NOT_CHANGED = 0xffffffff;

function ownId(): number {
  return process.getuid?.() ?? NOT_CHANGED;
}

function ignore(): void {}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function makeFifos(paths: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('mkfifo', ['-m', '600', '--', ...paths], (error) => {
      if (error === null) resolve();
      else reject(new Error('cannot make named pipes for the output of tasks', { cause: error }));
    });
  });
}
