import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../model/ports.ts';

/** What a file is, as far as a result may depend on it. */
export interface FileDigest {
  /** SHA-256 of the content, in hex. */
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
}

/**
 * A file changed this recently, in ms, may be changed again without a trace in its times, so its digest is not kept. Times of
 * files are often no finer than some milliseconds, on some systems than two seconds.
 */
const SETTLED_MS = 2_500;

/** Reads files for their digests; within one run a file is read again only when its size, times or place on disk changed. */
export class FileDigests {
  readonly #clock: Clock;
  readonly #known = new Map<string, FileDigest>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Follows links. @throws when the file cannot be read or is not a regular file */
  async of(path: string): Promise<FileDigest> {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
      const { dev, ino, size, mode, mtimeNs, ctimeNs } = stats;
      const identity = [dev, ino, size, mode, mtimeNs, ctimeNs].join(' ');
      const known = this.#known.get(identity);
      if (known) return known;
      const digest = { content: await hashOf(descriptor, Number(size)), mode: Number(mode) & 0o7777 };
      if (Number(stats.ctimeMs) < this.#clock.now() - SETTLED_MS) this.#known.set(identity, digest);
      return digest;
    } finally {
      closeSync(descriptor);
    }
  }
}

const CHUNK = 256 * 1024;

/** After each chunk others get their turn; most files are one. */
async function hashOf(descriptor: number, size: number): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size + 1));
  for (;;) {
    const length = readSync(descriptor, buffer);
    if (length === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, length));
    if (length === CHUNK) await nextTurn();
  }
}
