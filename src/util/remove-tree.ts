import { rm, rmSync } from 'node:fs';
import { promisify } from 'node:util';

const remove = promisify(rm);

/**
 * Removes a file or a folder with all that is in it; gone already is no error. Not from node:fs/promises, whose loading takes
 * longer than what it would be used for in a short run.
 */
export function removeTree(path: string): Promise<void> {
  return remove(path, { recursive: true, force: true });
}

/** The same, as far as it can be done. What a task has made so that it cannot is left to whoever removes a folder above, and can say so. */
export function tryToRemoveTree(path: string): Promise<void> {
  return removeTree(path).catch(() => {});
}

/** The same at once. Returns why the system would not, or null: what is left behind is seldom a reason to fail. */
export function removeTreeNow(path: string): string | null {
  try {
    rmSync(path, { recursive: true, force: true });
    return null;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return error.message;
  }
}
