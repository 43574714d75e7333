import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Where a plugin stands. */
export interface PluginPlace {
  /** The name of the file or folder, without extension. */
  readonly name: string;
  /** Absolute path of the file or folder. */
  readonly path: string;
  /** How it is called in messages. */
  readonly shownAs: string;
  /** What is to be loaded or executed; null when there is nothing in the folder. */
  readonly entry: { readonly kind: 'module' | 'executable'; readonly file: string } | null;
}

const MODULE = /\.(?:[cm]?js|ts|mts)$/;
const NO_PLUGIN = /^[._#~]|~$|^node_modules$|\.d\.[cm]?ts$|\.test\.[^.]+$/;

/** What looks like a plugin in a folder, by name; nothing when there is no such folder. @throws when it cannot be read */
export function findPlugins(folder: string, shownAs: string): readonly PluginPlace[] {
  const names = entriesOf(folder).filter((name) => !NO_PLUGIN.test(name));
  return names.sort().flatMap((name) => placeOf(join(folder, name), join(shownAs, name), name) ?? []);
}

/** The plugin in a folder of its own, such as an npm package. */
export function pluginIn(folder: string, shownAs: string, name: string): PluginPlace {
  return { name, path: folder, shownAs, entry: entryIn(folder) };
}

function placeOf(path: string, shownAs: string, file: string): PluginPlace | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return pluginIn(path, shownAs, file);
  if (!stats?.isFile()) return undefined;
  const name = file.replace(/\.[^.]+$/, '');
  if (MODULE.test(file)) return { name, path, shownAs, entry: { kind: 'module', file: path } };
  return isExecutable(stats) ? { name, path, shownAs, entry: { kind: 'executable', file: path } } : undefined;
}

/** `main` of its package.json, index.js and the like, or an executable called `plugin`. */
function entryIn(folder: string): PluginPlace['entry'] {
  const names = [mainOf(folder), 'index.js', 'index.mjs', 'index.cjs', 'index.ts'].filter((name) => name !== null);
  const module = names
    .map((name) => join(folder, name))
    .find((path) => statOf(path)?.isFile() && isInside(path, folder));
  if (module !== undefined) return { kind: 'module', file: module };
  const executable = join(folder, 'plugin');
  const stats = statOf(executable);
  return stats?.isFile() && isExecutable(stats) ? { kind: 'executable', file: executable } : null;
}

function mainOf(folder: string): string | null {
  try {
    const { main, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof exports === 'string') return exports;
    return typeof main === 'string' ? main : null;
  } catch {
    return null;
  }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function isInside(path: string, folder: string): boolean {
  return !relative(folder, path).startsWith('..');
}

function isExecutable({ mode }: Stats): boolean {
  return (mode & 0o111) !== 0;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
