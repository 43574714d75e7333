import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readlink, rename, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BlobStore } from '../../model/store.ts';
import { mapLimited } from '../../util/map-limited.ts';
import { removeTree } from '../../util/remove-tree.ts';

/** One path of a result and all that was there. No items: nothing was there. */
export interface SavedPath {
  readonly path: string;
  readonly items: readonly SavedItem[];
}

/** A folder, file or link; its path is relative to the saved path, empty for that itself. Folders stand before what is in them. */
export type SavedItem =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      readonly blob: string;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** Files that are open at a time. */
const AT_ONCE = 8;

/** Takes a copy of what is at the paths below a folder. @throws when something is neither file, folder nor link, or cannot be read */
export async function savePaths(
  folder: string,
  paths: readonly string[],
  blobs: BlobStore,
): Promise<readonly SavedPath[]> {
  const saved: SavedPath[] = [];
  for (const path of outermost(paths)) {
    const root = join(folder, path);
    const items = await mapLimited(await listTree(root), AT_ONCE, async (item): Promise<SavedItem> => {
      if (item.kind !== 'file') return item;
      const { name, size } = await blobs.save(join(root, item.path));
      return { ...item, size, blob: name };
    });
    saved.push({ path, items });
  }
  return saved;
}

/**
 * Makes the paths below a folder what they were, to the byte, bit and link; what else is there goes. Those that are so already are
 * not touched, so that whoever goes by the times of files sees no change. Everything is built beside its place first: when something
 * is missing or damaged, nothing has changed. @throws then
 */
export async function restorePaths(folder: string, saved: readonly SavedPath[], blobs: BlobStore): Promise<void> {
  const differing: SavedPath[] = [];
  for (const one of saved) if (!(await isInPlace(join(folder, one.path), one.items, blobs))) differing.push(one);
  if (differing.length > 0) await replacePaths(folder, differing, blobs);
}

async function replacePaths(folder: string, saved: readonly SavedPath[], blobs: BlobStore): Promise<void> {
  const mark = randomBytes(6).toString('hex');
  const staged = saved.map(({ path, items }) => {
    const place = join(folder, path);
    const beside = (what: string) => join(dirname(place), `.${basename(place)}.${mark}.${what}`);
    return { path, items, place, fresh: beside('new'), old: beside('old') };
  });
  try {
    for (const { path, items, fresh } of staged) {
      if (items.length > 0) await makeParents(folder, path);
      await build(fresh, items, blobs);
    }
    for (const { items, place, fresh, old } of staged) await exchange(place, items.length > 0 ? fresh : null, old);
  } finally {
    for (const { fresh, old } of staged) await Promise.all([removeLocked(fresh), removeLocked(old)]);
  }
}

/** Whether nothing of what was listed was there. */
export function isEmpty({ items }: SavedPath): boolean {
  return items.length === 0;
}

/** Whether a path is as it was saved. Contents are read only where all else fits. What cannot be read is not as it was. */
async function isInPlace(root: string, items: readonly SavedItem[], blobs: BlobStore): Promise<boolean> {
  try {
    const found = await listTree(root);
    if (found.length !== items.length || !items.every((item, index) => isAlike(item, found[index]))) return false;
    for (const item of items) {
      if (item.kind === 'file' && (await blobs.nameOf(join(root, item.path))) !== item.blob) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function isAlike(saved: SavedItem, found: TreeItem | undefined): boolean {
  if (saved.path !== found?.path) return false;
  if (saved.kind === 'link') return found.kind === 'link' && found.target === saved.target;
  if (saved.kind === 'folder') return found.kind === 'folder' && found.mode === saved.mode;
  return found.kind === 'file' && found.mode === saved.mode && found.size === saved.size;
}

type TreeItem =
  | Exclude<SavedItem, { kind: 'file' }>
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly size: number };

/** Without those that stand in another one. */
function outermost(paths: readonly string[]): readonly string[] {
  const clean = [...new Set(paths.map((path) => join(path).replace(/\/$/, '')))];
  return clean.filter((path) => !clean.some((other) => path.startsWith(`${other}/`)));
}

async function listTree(root: string): Promise<readonly TreeItem[]> {
  const items: TreeItem[] = [];
  const visit = async (path: string): Promise<void> => {
    const place = join(root, path);
    const stats = await lstat(place).catch(absent);
    if (!stats) return;
    const mode = stats.mode & 0o7777;
    if (stats.isSymbolicLink()) items.push({ kind: 'link', path, target: await readlink(place) });
    else if (stats.isFile()) items.push({ kind: 'file', path, mode, size: stats.size });
    else if (stats.isDirectory()) {
      items.push({ kind: 'folder', path, mode });
      for (const name of (await readdir(place)).sort()) await visit(path === '' ? name : `${path}/${name}`);
    } else throw new Error(`${place} is neither a file, a folder nor a link`);
  };
  await visit('');
  return items;
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}

/** Makes the folders above a path. A link among them could lead anywhere, so it is refused. */
async function makeParents(folder: string, path: string): Promise<void> {
  let place = folder;
  for (const name of path.split('/').slice(0, -1)) {
    place = join(place, name);
    await mkdir(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!(await lstat(place)).isDirectory()) throw new Error(`${place} is not a folder`);
  }
}

async function build(root: string, items: readonly SavedItem[], blobs: BlobStore): Promise<void> {
  const folders = items.filter((item) => item.kind === 'folder');
  for (const { path } of folders) await mkdir(join(root, path), { mode: 0o700 });
  await mapLimited(items, AT_ONCE, async (item) => {
    if (item.kind === 'file') await blobs.restore(item.blob, join(root, item.path), item.mode);
    if (item.kind === 'link') await symlink(item.target, join(root, item.path));
  });
  // From the inside out: a folder may forbid to change what is in it.
  for (const { path, mode } of folders.reverse()) await chmod(join(root, path), mode);
}

/** Another process may put something in the place at the same moment; then again. */
async function exchange(place: string, fresh: string | null, old: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    await removeLocked(old);
    await rename(place, old).catch(absent);
    if (fresh === null) return;
    try {
      return await rename(fresh, place);
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

/** Folders that may not be changed are opened up first. */
async function removeLocked(root: string): Promise<void> {
  try {
    await removeTree(root);
  } catch {
    for (const item of await listTree(root)) if (item.kind === 'folder') await chmod(join(root, item.path), 0o700);
    await removeTree(root);
  }
}
