import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why no small disk can be had here, or false. */
export function cannotMount(): string | false {
  return process.getuid?.() !== 0 && 'only root may mount a small disk';
}

/** Puts a disk of this size (`3m`) in the place of a folder, private to its owner. Returns the way to take it away. */
export function mountSmallDisk(folder: string, size: string): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', folder]);
  return () => void execFileSync('umount', ['-l', folder]);
}

/** Takes the space of a disk but for so many bytes. Returns the way to give it back. */
export function fillDisk(disk: string, rest: number): () => void {
  const { bavail, bsize } = statfsSync(disk);
  const path = join(disk, 'filler');
  try {
    writeFileSync(path, Buffer.alloc(Math.max(0, bavail * bsize - rest)));
  } catch (error) {
    // Others write there too: then it is full all the sooner.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
  return () => rmSync(path);
}
