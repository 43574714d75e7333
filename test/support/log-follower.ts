import { decodeMarks, indexPath } from '../../src/util/log/log-index.ts';
import { readLogBytes } from '../../src/util/log/log-reader.ts';
import type { WatchedIO } from './watched-io.ts';

/** How often to look for more, in ms. */
const LOOK_MS = 5;

/** Passes on the log of a task, stream by stream, while it is being written. */
export class LogFollower {
  readonly #path: string;
  readonly #io: Pick<WatchedIO, 'write'>;
  readonly #timer: NodeJS.Timeout;
  #offset = 0;

  constructor(path: string, io: Pick<WatchedIO, 'write'>) {
    this.#path = path;
    this.#io = io;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** To be called once nothing more is written. */
  finish(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  /** The log first: the index may say more than it, never less. */
  #look(): void {
    const { bytes, size } = readLogBytes(this.#path, this.#offset, Number.MAX_SAFE_INTEGER);
    if (bytes.length === 0) return;
    const index = indexPath(this.#path);
    const marks = decodeMarks(readLogBytes(index, 0, Number.MAX_SAFE_INTEGER).bytes);
    marks.forEach(({ source, offset }, at) => {
      const from = Math.max(offset, this.#offset);
      const to = Math.min(marks[at + 1]?.offset ?? size, size);
      if (from < to && source !== 'runner') {
        this.#io.write(source, bytes.subarray(from - this.#offset, to - this.#offset));
      }
    });
    this.#offset = size;
  }
}
