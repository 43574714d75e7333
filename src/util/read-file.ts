import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatSize } from './size.ts';

/** A file's bytes, or why it cannot be used. */
export type FileBytes = { readonly bytes: Uint8Array } | { readonly diagnostic: Diagnostic };

/** Most bytes of a workflow file (DESIGN section 3). */
export const MAX_WORKFLOW_BYTES = 1024 * 1024;

/**
 * Reads a regular file of at most `limit` bytes; `shown` is its name in the diagnostic. Never waits: pipes and devices are
 * refused without being opened, and a file that is too large is refused by its size.
 */
export function readRegularFile(path: string, shown: string = path, limit: number = MAX_WORKFLOW_BYTES): FileBytes {
  const refuse = (refusal: Refusal): FileBytes => {
    const place = { file: shown, line: 1, column: 1, length: 1 };
    return { diagnostic: { ...refusal, severity: 'error', place } };
  };
  try {
    const refusal = reasonToRefuse(statSync(path), limit);
    if (refusal !== null) return refuse(refusal);
    const bytes = readOpened(path, limit);
    return bytes instanceof Uint8Array ? { bytes } : refuse(bytes);
  } catch (error) {
    return refuse({ code: 'cannot-read', message: systemProblem(error as NodeJS.ErrnoException) });
  }
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

function reasonToRefuse(stats: Stats, limit: number): Refusal | null {
  if (!stats.isFile()) return { code: 'not-a-file', message: `this is ${kindOf(stats)}, not a file` };
  return stats.size > limit ? tooLarge(stats.size, limit) : null;
}

function tooLarge(size: number, limit: number): Refusal {
  const message = `the file is too large: ${formatSize(size)}, at most ${formatSize(limit)}`;
  return { code: 'too-large', message };
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

// What stood there may have been replaced by a pipe since, on which a plain open would wait.
function readOpened(path: string, limit: number): Uint8Array | Refusal {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    return reasonToRefuse(fstatSync(descriptor), limit) ?? readUpTo(descriptor, limit);
  } finally {
    closeSync(descriptor);
  }
}

// The file may have grown since its size was looked at; one byte more than allowed tells.
function readUpTo(descriptor: number, limit: number): Uint8Array | Refusal {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= limit) {
    const chunk = new Uint8Array(Math.min(CHUNK, limit + 1 - size));
    const count = readSync(descriptor, chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    size += count;
  }
  return tooLarge(size, limit);
}

const CHUNK = 64 * 1024;

function systemProblem(error: NodeJS.ErrnoException): string {
  const reason = REASONS[error.code ?? ''];
  if (reason !== undefined) return reason;
  return `the file cannot be read: ${error.code ?? error.message}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'the file may not be read: permission denied',
  EPERM: 'the file may not be read: permission denied',
  ELOOP: 'the path is a loop of symbolic links',
  ENXIO: 'this is a socket or pipe, not a file',
  ENAMETOOLONG: 'the path is too long',
  ERR_INVALID_ARG_VALUE: 'the path holds the character NUL',
};
