import { closeSync, readSync } from 'node:fs';
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** Takes a chunk; a promise says when the next one is welcome. The chunk's memory is used again after that. */
export type TakeChunk = (chunk: Uint8Array) => void | Promise<void>;

/** The most a pipe may hold (the default of /proc/sys/fs/pipe-max-size): nothing behind it was there when a drain began. */
const CAPACITY_BYTES = 1024 * 1024;

/**
 * Reads a FIFO to its end, never faster than its bytes are taken. Two ways of reading: `listen` follows a
 * task that runs; `drain` takes what an ended one left, which is all there is to do for a short task, and much cheaper. Closes the
 * descriptor, but for one that was only drained: that is as good as new.
 */
export class FifoReader {
  /** Resolves once nothing more is read. Rejects when reading failed or a chunk could not be taken. */
  readonly closed: Promise<void>;
  readonly #descriptor: number;
  readonly #buffer: Uint8Array;
  readonly #take: TakeChunk;
  #socket: Socket | undefined;
  #reachedEnd = false;
  #isClosed = false;
  /** The chunk that is being taken. */
  #taking: Promise<void> | undefined;
  #settle: (error?: unknown) => void = () => {};

  constructor(descriptor: number, buffer: Uint8Array, take: TakeChunk) {
    this.#descriptor = descriptor;
    this.#buffer = buffer;
    this.#take = take;
    this.closed = new Promise((resolve, reject) => {
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
    });
  }

  /** Whether every writer has closed the FIFO. */
  get reachedEnd(): boolean {
    return this.#reachedEnd;
  }

  /** Whether the descriptor can be read from again when the FIFO has a writer again. */
  get isReusable(): boolean {
    return this.#reachedEnd && this.#socket === undefined;
  }

  /** Reads whatever comes, from now on. */
  listen(): void {
    const options: SocketConstructorOpts & ConnectOpts = {
      fd: this.#descriptor,
      readable: true,
      writable: false,
      onread: { buffer: this.#buffer, callback: (bytes) => this.#read(bytes) },
    };
    this.#socket = new Socket(options)
      .once('end', () => {
        this.#reachedEnd = true;
      })
      .once('error', this.#settle)
      .once('close', () => this.#settle())
      .resume();
  }

  /** Takes what is there at once; listens for the rest when that was not the end. Does nothing while listening. */
  async drain(): Promise<void> {
    if (this.#socket !== undefined) return;
    try {
      await this.#takeAvailable();
      if (this.#reachedEnd) this.#close();
      else this.listen();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Stops listening although somebody still holds the other end. What is in the pipe by now is taken. */
  async giveUp(): Promise<void> {
    await this.#taking;
    if (this.#isClosed || this.#socket?.destroyed) return;
    this.#socket?.pause();
    try {
      await this.#takeAvailable();
      this.#close();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #takeAvailable(): Promise<void> {
    for (let left = CAPACITY_BYTES; left > 0; ) {
      const bytes = readAvailable(this.#descriptor, this.#buffer);
      this.#reachedEnd = bytes === 0;
      if (!bytes) return;
      const taking = this.#take(this.#buffer.subarray(0, bytes));
      if (taking !== undefined) await taking;
      left -= bytes;
    }
  }

  /** Returns whether to go on reading. */
  #read(bytes: number): boolean {
    try {
      const taking = this.#take(this.#buffer.subarray(0, bytes));
      if (taking === undefined) return true;
      this.#taking = taking.then(
        () => this.#goOn(),
        (error) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
    return false;
  }

  #goOn(): void {
    this.#taking = undefined;
    this.#socket?.resume();
  }

  #fail(cause: unknown): void {
    this.#taking = undefined;
    this.#settle(new Error('the output of a task could not be taken', { cause }));
    this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#socket !== undefined) {
      this.#socket.destroy();
    } else {
      if (!this.isReusable) closeSync(this.#descriptor);
      this.#settle();
    }
  }
}

/** 0 at the end of the file, undefined when there is nothing to read now. */
function readAvailable(descriptor: number, buffer: Uint8Array): number | undefined {
  try {
    return readSync(descriptor, buffer);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}
