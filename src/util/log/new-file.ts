import { closeSync, constants, openSync, writeSync } from 'node:fs';

/**
 * A file that is made with its first byte, private (0600), and never takes the place of another file or follows a link. It
 * does not throw: what could not be written is the caller's to count, and the next write tries again.
 */
export class NewFile {
  readonly #path: string;
  #fd: number | null = null;
  #size = 0;
  #trouble: string | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** The system's code for the last failure, `ENOSPC` for example, or null. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Writes at the end and returns how many bytes were written; fewer than given means trouble. */
  append(bytes: Uint8Array): number {
    let written = 0;
    try {
      this.#fd ??= openSync(this.#path, FLAGS, 0o600);
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      this.#trouble = codeOf(error);
    }
    this.#size += written;
    return written;
  }

  /** Closes the file, if it was made. */
  close(): void {
    if (this.#fd === null) return;
    try {
      closeSync(this.#fd);
    } catch (error) {
      this.#trouble = codeOf(error);
    }
    this.#fd = null;
  }
}

const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW;

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw new Error('Internal error: a file operation failed without a code', { cause: error });
}
