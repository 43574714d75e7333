import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Files of one plugin that are looked at; more is no plugin. */
const MOST_FILES = 20_000;

/** Who may own plugins: this user and root. */
function owners(): ReadonlySet<number> {
  return new Set([0, process.getuid?.() ?? 0]);
}

/**
 * Why a file or folder, with all that is in it, is not to be run as this user's own code; null when it is. It must belong to this
 * user or root, be writable by nobody else, and no link may lead out of `root`.
 */
export function distrust(path: string, root: string): string | null {
  const trusted = owners();
  const home = realpathSync(root);
  const waiting = [path];
  for (let seen = 0; waiting.length > 0; seen++) {
    if (seen > MOST_FILES) return `there are more than ${MOST_FILES} files in ${path}`;
    const next = waiting.pop() as string;
    const problem = distrustOne(next, trusted, home);
    if (problem !== null) return problem;
    if (lstatSync(next).isDirectory()) waiting.push(...readdirSync(next).map((name) => join(next, name)));
  }
  return null;
}

/** The same of a folder alone, without what is in it. */
export function distrustFolder(path: string): string | null {
  return distrustOne(path, owners(), null);
}

function distrustOne(path: string, trusted: ReadonlySet<number>, home: string | null): string | null {
  const stats = lstatSync(path);
  if (!trusted.has(stats.uid)) return `${path} belongs to another user (uid ${stats.uid})`;
  if (stats.isSymbolicLink()) {
    if (home === null) return distrustOne(realpathSync(path), trusted, null);
    const target = realpathSync(path);
    return target.startsWith(home + sep)
      ? distrustOne(target, trusted, home)
      : `${path} is a link that leads out of ${home}`;
  }
  if ((stats.mode & 0o022) !== 0) return `others can change ${path}: chmod go-w`;
  return null;
}
