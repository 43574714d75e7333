import { type Dirent, type Stats, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { isPassedOver, isWorkflowFile } from './file-names.ts';

/** A file as its folder shows it, unread. */
export interface FileLook {
  /** Differs whenever the content may; also for what is no file, or a link to nothing. */
  readonly print: string;
  /** When it was last touched, ms since the epoch; 0 when nobody can say. */
  readonly touchedAt: number;
}

/** A part of the folder that could not be looked at: nothing is known about what is below. */
export interface BlindSpot {
  /** The path below the folder; empty is the whole folder. */
  readonly path: string;
  readonly reason: string;
}

/** What stands in a folder of workflows. */
export interface FolderScan {
  /** Files that are meant to be workflows, by path below the folder with `/`, in byte order. */
  readonly files: ReadonlyMap<string, FileLook>;
  readonly blindSpots: readonly BlindSpot[];
  /** Absolute paths of the folders that were looked into, with what tells a folder from one put in its place. */
  readonly folders: ReadonlyMap<string, string>;
}

/** Folders inside each other, counted from the watched one. */
const MOST_DEEP = 8;

/** Entries of all kinds; beyond it the folder is not one of workflows. */
const MOST_ENTRIES = 50_000;

/** Looks at a folder and all folders in it. Links are followed, but not back into a folder they stand in. Opens no file. */
export async function scanFolder(folder: string): Promise<FolderScan> {
  const walk = new Walk(folder);
  await walk.enter('', []);
  return walk.result();
}

/** Files that are looked at before other work gets its turn; about a millisecond. */
const LOOKS_PER_TURN = 200;

/** One file, as `scanFolder` sees it. At once: to wait for it costs ten times as much. */
export function lookAt(path: string): FileLook {
  try {
    const { dev, ino, mode, size, mtimeMs, ctimeMs } = statSync(path);
    return { print: [dev, ino, mode, size, mtimeMs, ctimeMs].join(':'), touchedAt: Math.max(mtimeMs, ctimeMs) };
  } catch (error) {
    return { print: codeOf(error), touchedAt: 0 };
  }
}

/** Whether a path lies in a part of the folder that could not be looked at. */
export function isBlind(path: string, blindSpots: readonly BlindSpot[]): boolean {
  return blindSpots.some((spot) => spot.path === '' || path.startsWith(`${spot.path}/`));
}

class Walk {
  readonly #folder: string;
  readonly #files = new Map<string, FileLook>();
  readonly #blindSpots: BlindSpot[] = [];
  readonly #folders = new Map<string, string>();
  #entries = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  result(): FolderScan {
    const files = new Map([...this.#files].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { files, blindSpots: this.#blindSpots, folders: this.#folders };
  }

  /** `above` are the identities of the folders this one stands in. */
  async enter(path: string, above: readonly string[]): Promise<void> {
    const place = join(this.#folder, path);
    try {
      const identity = identityOf(await stat(place));
      if (above.includes(identity)) return;
      const entries = await readdir(place, { withFileTypes: true });
      this.#entries += entries.length;
      this.#folders.set(place, identity);
      const excess = this.#excess(above.length);
      if (excess === null) for (const entry of entries) await this.#look(path, entry, [...above, identity]);
      else this.#blindSpots.push({ path, reason: excess });
    } catch (error) {
      this.#blindSpots.push({ path, reason: REASONS[codeOf(error)] ?? `it cannot be read: ${codeOf(error)}` });
    }
  }

  async #look(parent: string, entry: Dirent, above: readonly string[]): Promise<void> {
    if (isPassedOver(entry.name)) return;
    const path = parent === '' ? entry.name : `${parent}/${entry.name}`;
    if (isWorkflowFile(entry.name)) {
      this.#files.set(path, lookAt(join(this.#folder, path)));
      if (this.#files.size % LOOKS_PER_TURN === 0) await turn();
    } else if (entry.isDirectory() || (entry.isSymbolicLink() && (await this.#mayBeFolder(path)))) {
      await this.enter(path, above);
    }
  }

  // A link that leads nowhere may have led to a folder.
  async #mayBeFolder(path: string): Promise<boolean> {
    try {
      return (await stat(join(this.#folder, path))).isDirectory();
    } catch (error) {
      return codeOf(error) !== 'ELOOP';
    }
  }

  #excess(depth: number): string | null {
    if (depth > MOST_DEEP) return `it is more than ${MOST_DEEP} folders deep`;
    return this.#entries > MOST_ENTRIES ? `there are more than ${MOST_ENTRIES} files and folders` : null;
  }
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return code;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
  EACCES: 'it may not be read: permission denied',
  EPERM: 'it may not be read: permission denied',
  ELOOP: 'it is a loop of symbolic links',
};
