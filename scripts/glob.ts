import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** All files below a folder whose name ends as given, sorted. Node 20 has no glob of its own. */
export function globSync(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
