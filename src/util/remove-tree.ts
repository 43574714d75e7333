import { promises as files, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { OpenFolder } from './open-folder.ts';

/**
 * Removes a file or a folder with all that is in it; gone already is no error. Whoever may write in that folder can lead this nowhere
 * else, whatever is put in whose place meanwhile: where tasks are another user's, we may remove more than they. And nothing is too
 * deep: what is within a folder is moved up before that is emptied.
 */
export async function removeTree(path: string): Promise<void> {
  const parent = await OpenFolder.open(dirname(path)).catch(unlessMissing);
  if (parent === undefined) return;
  try {
    const folder = await parent.enter(basename(path)).catch(unlessMissing);
    if (folder === undefined) return;
    if (folder === null) return await files.unlink(parent.at(basename(path))).catch(unlessMissing);
    await empty(folder).finally(() => folder.close());
    await files.rmdir(parent.at(basename(path))).catch(unlessMissing);
  } finally {
    await parent.close();
  }
}

/** The same, as far as it can be done. What a task has made so that it cannot is left to whoever removes a folder above, and can say so. */
export function tryToRemoveTree(path: string): Promise<void> {
  return removeTree(path).catch(() => {});
}

/**
 * The same at once, where nobody else may write in it. Returns why the system would not, or null: what is left behind is seldom a
 * reason to fail.
 */
export function removeTreeNow(path: string): string | null {
  try {
    rmSync(path, { recursive: true, force: true });
    return null;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return error.message;
  }
}

/** Folders to be emptied all stand in the top one; those found within them get names that nobody else uses. */
async function empty(top: OpenFolder): Promise<void> {
  let moved = 0;
  const names = await unlinkFiles(top);
  for (const name of names) {
    const folder = await top.enter(name).catch(unlessMissing);
    if (!folder) continue;
    try {
      for (const below of await unlinkFiles(folder)) {
        const freed = `to-remove-${process.pid}-${moved++}`;
        if (await isRemoved(folder.at(below))) continue;
        await files.rename(folder.at(below), top.at(freed));
        names.push(freed);
      }
    } finally {
      await folder.close();
    }
    await files.rmdir(top.at(name)).catch(unlessMissing);
  }
}

/** Returns the names of the folders, which stay. */
async function unlinkFiles(folder: OpenFolder): Promise<string[]> {
  const folders: string[] = [];
  for (const entry of await files.readdir(folder.at('.'), { withFileTypes: true })) {
    if (entry.isDirectory()) folders.push(entry.name);
    else await files.unlink(folder.at(entry.name)).catch(unlessMissing);
  }
  return folders;
}

/** An empty folder goes at once, also one that may not be moved. */
async function isRemoved(path: string): Promise<boolean> {
  try {
    await files.rmdir(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOT_EMPTY.has(error.code)) return false;
    throw error;
  }
}

const NOT_EMPTY: ReadonlySet<unknown> = new Set(['ENOTEMPTY', 'EEXIST']);

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
