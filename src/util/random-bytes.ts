import { closeSync, openSync, readSync } from 'node:fs';

/** Bytes that nobody can guess, straight from the system: loading node:crypto for some of them is a tenth of a short run. */
export function randomBytes(count: number): Buffer {
  const source = openSync('/dev/urandom', 'r');
  try {
    const bytes = Buffer.alloc(count);
    readSync(source, bytes);
    return bytes;
  } finally {
    closeSync(source);
  }
}
