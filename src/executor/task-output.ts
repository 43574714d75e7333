import type { Clock, DriverIO } from '../model/ports.ts';
import type { FifoPool, OpenFifo } from './fifo-pool.ts';
import { FifoReader } from './fifo-reader.ts';

/** How long output is waited for that somebody holds open after the task has ended, in ms (G14). */
const HELD_OPEN_MS = 5_000;

/** Both streams of a running task. */
export class TaskOutput {
  /** Resolves when both streams are closed. Rejects when reading failed or a chunk could not be taken. */
  readonly closed: Promise<unknown>;
  readonly #pool: FifoPool;
  readonly #streams: readonly { readonly fifo: OpenFifo; readonly reader: FifoReader }[];

  constructor(pool: FifoPool, stdout: OpenFifo, stderr: OpenFifo, write: DriverIO['write']) {
    this.#pool = pool;
    this.#streams = [
      { fifo: stdout, reader: new FifoReader(stdout.reader, stdout.buffer, (chunk) => write('stdout', chunk)) },
      { fifo: stderr, reader: new FifoReader(stderr.reader, stderr.buffer, (chunk) => write('stderr', chunk)) },
    ];
    this.closed = Promise.all(this.#streams.map(({ reader }) => reader.closed));
  }

  /** Waits for the end of both streams, but not for ever. Returns whether somebody still held one open. To be called once. */
  async finish(clock: Clock): Promise<boolean> {
    if (!(await this.#closesWithin(HELD_OPEN_MS, clock))) {
      await Promise.all(this.#streams.map(({ reader }) => reader.giveUp()));
    }
    for (const { fifo, reader } of this.#streams) {
      if (reader.reachedEnd) this.#pool.giveBack(fifo);
      else this.#pool.discard(fifo);
    }
    return this.#streams.some(({ reader }) => !reader.reachedEnd);
  }

  /** A failure counts as closed here; whoever waits for `closed` hears of it. */
  #closesWithin(ms: number, clock: Clock): Promise<boolean> {
    return new Promise((resolve) => {
      const callOff = clock.after(ms, () => resolve(false));
      const close = (): void => {
        callOff();
        resolve(true);
      };
      this.closed.then(close, close);
    });
  }
}
