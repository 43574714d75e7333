import { rm } from 'node:fs';
import { promisify } from 'node:util';

const remove = promisify(rm);

/**
 * Removes a file or a folder with all that is in it; gone already is no error. Not from node:fs/promises, whose loading takes
 * longer than what it would be used for in a short run.
 */
export function removeTree(path: string): Promise<void> {
  return remove(path, { recursive: true, force: true });
}
