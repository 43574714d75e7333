import { readSync } from 'node:fs';
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** Takes a chunk; a promise says when the next one is welcome. The chunk's memory is used again after that. */
export type TakeChunk = (chunk: Uint8Array) => void | Promise<void>;

/** Most bytes a pipe may hold that were written before its writer ended, read after it was given up. */
const CAPACITY_BYTES = 1024 * 1024;

/** Reads a FIFO to its end, never faster than its bytes are taken. Owns the descriptor. */
export class FifoReader {
  /** Resolves once the descriptor is closed. Rejects when reading failed or `take` did. */
  readonly closed: Promise<void>;
  readonly #descriptor: number;
  readonly #buffer: Uint8Array;
  readonly #take: TakeChunk;
  readonly #socket: Socket;
  #reachedEnd = false;
  /** The chunk that is being taken. */
  #taking: Promise<void> | undefined;

  constructor(descriptor: number, buffer: Uint8Array, take: TakeChunk) {
    this.#descriptor = descriptor;
    this.#buffer = buffer;
    this.#take = take;
    const options: SocketConstructorOpts & ConnectOpts = {
      fd: descriptor,
      readable: true,
      writable: false,
      onread: { buffer, callback: (bytes) => this.#read(bytes) },
    };
    this.#socket = new Socket(options);
    this.closed = new Promise((resolve, reject) => {
      this.#socket.once('close', resolve).once('error', reject);
    });
    this.#socket.once('end', () => {
      this.#reachedEnd = true;
    });
    this.#socket.resume();
  }

  /** Whether every writer has closed the FIFO. */
  get reachedEnd(): boolean {
    return this.#reachedEnd;
  }

  /**
   * Stops although somebody still holds the other end. What is in the pipe by now is taken: the writer that ended may have left it
   * there.
   */
  async giveUp(): Promise<void> {
    await this.#taking;
    if (this.#socket.destroyed) return;
    this.#socket.pause();
    for (let left = CAPACITY_BYTES; left > 0 && !this.#reachedEnd; ) {
      const bytes = readAvailable(this.#descriptor, this.#buffer);
      if (bytes === undefined) break;
      this.#reachedEnd = bytes === 0;
      if (bytes > 0) await this.#take(this.#buffer.subarray(0, bytes));
      left -= bytes;
    }
    this.#socket.destroy();
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
    this.#socket.resume();
  }

  #fail(error: unknown): void {
    this.#taking = undefined;
    this.#socket.destroy(new Error('the output of a task could not be taken', { cause: error }));
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
