import { closeSync, constants, openSync, writeSync } from 'node:fs';

/**
 * A file that is made with its first byte, private (0600), and never takes the place of another file or follows a link; or one
 * that goes on where an earlier process stopped. It does not throw: what could not be written is the caller's to count, and the next write tries again.
 */
export class NewFile {
  readonly #path: string;
  readonly #flags: number;
  #fd: number | null = null;
  #size: number;
  #trouble: string | null = null;

  /** `kept` is how many bytes an earlier process has written; null when there is no file yet. */
  constructor(path: string, kept: number | null) {
    this.#path = path;
    this.#flags = kept === null ? FLAGS | O_CREAT | O_EXCL : FLAGS;
    this.#size = kept ?? 0;
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
      this.#fd ??= openSync(this.#path, this.#flags, 0o600);
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
const FLAGS = O_WRONLY | O_APPEND | O_NOFOLLOW;

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw new Error('Internal error: a file operation failed without a code', { cause: error });
}
