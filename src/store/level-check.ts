import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged } from './database-refusal.ts';
import type { Level } from './level-folder.ts';
import { endsAsTable, isTableWhole } from './level-table.ts';

/** The names of the damaged tables of an open database. Reads all of them, one at a time. */
export async function findDamagedTables(folder: string, level: Level): Promise<readonly string[]> {
  const numbers = level.getProperty('leveldb.sstables').matchAll(/^ (\d+):\d+\[/gm);
  const found: string[] = [];
  for (const [, number = ''] of numbers) {
    const name = `${number.padStart(6, '0')}.ldb`;
    const bytes = await readIfThere(join(folder, name));
    if (bytes && !isTableWhole(bytes)) found.push(name);
  }
  return found;
}

/**
 * Opens a database so that, should that end the process as LevelDB does over some damages, the next one looks at every table
 * first. @throws DatabaseRefusal when one is damaged
 */
export async function watchOpening<T>(folder: string, open: () => Promise<T>): Promise<T> {
  const marker = join(folder, 'OPENING');
  if (existsSync(marker)) {
    const [first] = await findDamagedFiles(folder);
    if (first) throw damaged(folder, `the table ${first} is not as it was written`);
  }
  writeFileSync(marker, '');
  try {
    return await open();
  } finally {
    rmSync(marker, { force: true });
  }
}

/** The same as `findDamagedTables` for a database that is not open. Tables without an end were never finished. */
async function findDamagedFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.ldb'))) {
    const bytes = await readIfThere(join(folder, name));
    if (bytes && endsAsTable(bytes) && !isTableWhole(bytes)) found.push(name);
  }
  return found;
}

/** A table may have been merged into others meanwhile. */
async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
