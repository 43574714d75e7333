import { closeSync, openSync, readSync } from 'node:fs';

/** Longer than any /proc/PID/stat or /proc/PID/fdinfo/N. */
const SHORT_FILE_BYTES = 1024;

/**
 * What one read of a file gives, as bytes in a string; undefined when it is gone or not ours to read. One system call instead of
 * the four of readFileSync: the files of /proc are read once per task, or for every process there is.
 */
export function readStart(path: string, buffer: Buffer = Buffer.allocUnsafe(SHORT_FILE_BYTES)): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    return buffer.toString('latin1', 0, readSync(descriptor, buffer));
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
