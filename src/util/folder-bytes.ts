import type { Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What a folder and all in it take on the disk, in bytes. Links are not followed, a file with several names counts once. What goes
 * away or may not be read while it is looked at counts as nothing; so does a folder that is not there.
 */
export async function folderBytes(path: string): Promise<number> {
  const counted = new Set<string>();
  let total = 0;
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    total += await bytesOf(folder, counted);
    for (const entry of await entriesOf(folder)) {
      const child = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(child);
      else total += await bytesOf(child, counted);
    }
  }
  return total;
}

/** Blocks are counted, not lengths: a file with holes takes less than it is long. */
const BLOCK_BYTES = 512;

async function bytesOf(path: string, counted: Set<string>): Promise<number> {
  try {
    const { blocks, nlink, dev, ino, size } = await lstat(path);
    if (nlink > 1) {
      const key = `${dev}:${ino}`;
      if (counted.has(key)) return 0;
      counted.add(key);
    }
    return (blocks ?? Math.ceil(size / BLOCK_BYTES)) * BLOCK_BYTES;
  } catch (error) {
    return unreadable(error, 0);
  }
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    const entries: Dirent[] = [];
    for await (const entry of await opendir(folder)) entries.push(entry);
    return entries;
  } catch (error) {
    return unreadable(error, []);
  }
}

function unreadable<T>(error: unknown, instead: T): T {
  if (error instanceof Error && 'code' in error && GONE.has(String(error.code))) return instead;
  throw error;
}

const GONE = new Set(['ENOENT', 'EACCES', 'ENOTDIR']);
