import type { Clock, DriverIO } from '../model/ports.ts';
import type { FifoPool, OpenFifo } from './fifo-pool.ts';
import { FifoReader } from './fifo-reader.ts';

/** How long output is waited for that somebody holds open after the task has ended, in ms (G14). */
const HELD_OPEN_MS = 5_000;

/**
 * A task that ends sooner is read once, at its end, in ms. Watching two descriptors costs a twentieth of a start, and the ends of
 * short tasks come in before the first look anyway, because a start keeps this thread busy.
 */
const LISTEN_AFTER_MS = 5;

/** Both streams of a running task. */
export class TaskOutput {
  /** Resolves when both streams are closed. Rejects when reading failed or a chunk could not be taken. */
  readonly closed: Promise<unknown>;
  readonly #pool: FifoPool;
  readonly #clock: Clock;
  readonly #fifos: readonly OpenFifo[];
  readonly #readers: readonly FifoReader[];
  readonly #putOffListening: () => void;

  constructor(pool: FifoPool, clock: Clock, stdout: OpenFifo, stderr: OpenFifo, io: Pick<DriverIO, 'write'>) {
    this.#pool = pool;
    this.#clock = clock;
    this.#fifos = [stdout, stderr];
    this.#readers = [
      new FifoReader(stdout.reader, stdout.buffer, (chunk) => io.write('stdout', chunk)),
      new FifoReader(stderr.reader, stderr.buffer, (chunk) => io.write('stderr', chunk)),
    ];
    this.closed = Promise.all(this.#readers.map((reader) => reader.closed));
    this.#putOffListening = clock.after(LISTEN_AFTER_MS, () => {
      for (const reader of this.#readers) reader.listen();
    });
  }

  /**
   * Takes what is left once the task has ended, and waits for both streams to end, but not for ever. Returns whether somebody
   * still held one open. To be called once.
   */
  async finish(): Promise<boolean> {
    this.#putOffListening();
    for (const reader of this.#readers) await reader.drain();
    if (!(await this.#closesWithin(HELD_OPEN_MS))) {
      for (const reader of this.#readers) await reader.giveUp();
    }
    for (const [index, fifo] of this.#fifos.entries()) {
      const reader = this.#readers[index];
      if (!reader?.reachedEnd) this.#pool.discard(fifo);
      else this.#pool.giveBack(reader.isReusable ? fifo : { ...fifo, reader: null });
    }
    return this.#readers.some((reader) => !reader.reachedEnd);
  }

  /** A failure counts as closed here; whoever waits for `closed` hears of it. */
  #closesWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const callOff = this.#clock.after(ms, () => resolve(false));
      const close = (): void => {
        callOff();
        resolve(true);
      };
      this.closed.then(close, close);
    });
  }
}
