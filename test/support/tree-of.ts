import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** All that is below a folder, one line each: kind and permission bits, path, and content or target. */
export function treeOf(folder: string, path = ''): string[] {
  return readdirSync(join(folder, path))
    .sort()
    .flatMap((name) => {
      const below = path === '' ? name : `${path}/${name}`;
      const place = join(folder, below);
      const stats = lstatSync(place);
      const mode = (stats.mode & 0o7777).toString(8);
      if (stats.isSymbolicLink()) return [`link ${below} ${readlinkSync(place)}`];
      if (stats.isDirectory()) return [`folder ${mode} ${below}`, ...treeOf(folder, below)];
      return [`file ${mode} ${below} ${readFileSync(place).toString('base64')}`];
    });
}
