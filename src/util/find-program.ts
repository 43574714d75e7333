import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where programs are looked for when the environment has no PATH; what the C library does. */
export const DEFAULT_PATH = '/bin:/usr/bin';

/** The first executable file called `name` in the folders of a PATH, or undefined. */
export function findProgram(name: string, path: string = DEFAULT_PATH): string | undefined {
  return candidates(name, path).find(isExecutableFile);
}

/** The files called `name` in the folders of a PATH, whether they exist or not, in order. */
export function candidates(name: string, path: string = DEFAULT_PATH): string[] {
  return path.split(':').map((folder) => join(folder === '' ? '.' : folder, name));
}

/** Not where one may not look either: the PATH of who changed users often has such folders. */
function isExecutableFile(path: string): boolean {
  try {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
