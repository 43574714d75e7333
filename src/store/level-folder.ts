import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { WRITE_BUFFER_BYTES } from './commit-chain.ts';
import { DatabaseRefusal, damaged } from './database-refusal.ts';

/** Keys are ASCII, values sealed bytes. */
export type Level = ClassicLevel<string, Uint8Array>;

/** The witness, in the folder of the database but no file of LevelDB's. */
export const WITNESS_NAME = 'WITNESS';

/**
 * Makes the folder when it is missing, and all in it private. LevelDB makes files at any time, in threads of its own, so this
 * process has umask 077 from now on.
 */
export function makePrivate(folder: string): void {
  process.umask(0o077);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder)) makeFilePrivate(join(folder, name));
}

/** Opens LevelDB in a folder. @throws DatabaseRefusal when it is locked, or damaged as far as LevelDB can tell. */
export async function openLevel(folder: string): Promise<Level> {
  const level: Level = new ClassicLevel(folder, { keyEncoding: 'utf8', valueEncoding: 'view' });
  const createIfMissing = isNew(folder);
  try {
    await level.open({ createIfMissing, writeBufferSize: WRITE_BUFFER_BYTES, compression: false });
  } catch (error) {
    throw refusalOf(folder, error);
  }
  return level;
}

/** What an error of LevelDB's means when a database is opened. */
export function refusalOf(folder: string, error: unknown): DatabaseRefusal {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  if (code === 'LEVEL_LOCKED') {
    return new DatabaseRefusal('LEVEL_LOCKED', `the database ${folder} is in use by another process`, { cause });
  }
  return damaged(folder, cause instanceof Error ? cause.message : String(cause), cause);
}

/** The name of the log that LevelDB writes. */
export function newestLog(folder: string): string | undefined {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return logs.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).at(-1);
}

/** How many bytes must be free before LevelDB can put its logs into tables. */
export function bytesToMend(folder: string): number {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return logs.reduce((sum, name) => sum + statSync(join(folder, name)).size, 256 * 1024);
}

/** Syncs a file of no importance, as LevelDB closed cannot be opened on a disk that fails. @throws what the disk says */
export function checkDisk(folder: string): void {
  const path = join(folder, 'TRIAL');
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, '?');
    fsyncSync(file);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}

/** Another process may have it open and be about to remove files; our turn ends at its lock. */
function makeFilePrivate(path: string): void {
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** LevelDB takes a folder without `CURRENT` for a new one, and would begin anew beside the data. */
function isNew(folder: string): boolean {
  const names = readdirSync(folder);
  // Asked after the names: another process that makes a database makes this file before its logs.
  if (existsSync(join(folder, 'CURRENT'))) return false;
  if (names.some((name) => name === WITNESS_NAME || /\.(ldb|sst|log)$/.test(name))) {
    throw damaged(folder, 'the file CURRENT is missing');
  }
  return true;
}
