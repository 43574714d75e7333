import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatSize } from './size.ts';

/** A file's bytes, or why it cannot be used. */
export type FileBytes =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/**
 * Reads a regular file of at most `limit` bytes. Never waits: pipes and devices are refused without being opened, and a
 * file that is too large is refused by its size.
 */
export async function readRegularFile(path: string, limit: number): Promise<FileBytes> {
  try {
    const refused = refusal(path, await stat(path), limit);
    if (refused !== undefined) return refused;
    // What stood there may have been replaced by a pipe, on which a plain open would wait.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      return refusal(path, await handle.stat(), limit) ?? (await readUpTo(path, handle, limit));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return refuse(path, 'cannot-read', openProblem(error as NodeJS.ErrnoException));
  }
}

function refuse(file: string, code: string, message: string): FileBytes {
  const place = { file, line: 1, column: 1, length: 1 };
  return { ok: false, diagnostic: { code, severity: 'error', message, place } };
}

function refusal(path: string, stats: Stats, limit: number): FileBytes | undefined {
  if (!stats.isFile()) return refuse(path, 'not-a-file', `this is ${kindOf(stats)}, not a file`);
  return stats.size > limit ? tooLarge(path, stats.size, limit) : undefined;
}

function tooLarge(path: string, size: number, limit: number): FileBytes {
  return refuse(path, 'too-large', `the file is too large: ${formatSize(size)}, at most ${formatSize(limit)}`);
}

// The file may have grown since its size was looked at; one byte more than allowed tells.
async function readUpTo(path: string, handle: FileHandle, limit: number): Promise<FileBytes> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= limit) {
    const chunk = new Uint8Array(Math.min(CHUNK, limit + 1 - size));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length);
    if (bytesRead === 0) return { ok: true, bytes: Buffer.concat(chunks) };
    chunks.push(chunk.subarray(0, bytesRead));
    size += bytesRead;
  }
  return tooLarge(path, size, limit);
}

const CHUNK = 256 * 1024;

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function openProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'the file does not exist';
    case 'ENOTDIR':
      return 'a part of the path is not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'the file may not be read: permission denied';
    case 'ELOOP':
      return 'the path is a loop of symbolic links';
    case 'ENXIO':
      return 'this is a socket or pipe, not a file';
    case 'ENAMETOOLONG':
      return 'the path is too long';
    default:
      return `the file cannot be read: ${error.code ?? error.message}`;
  }
}
