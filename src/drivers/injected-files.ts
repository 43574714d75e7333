import { constants, promises as files, type ReadStream, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, normalize, resolve } from 'node:path';
import type { Job, JobFile } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import { OPEN_FOLDER, OpenFolder, placeOf } from '../util/open-folder.ts';
import { type FileOwner, type Placed, PlacedRecord, readPlaced } from './placed-record.ts';

type Failure = Extract<Exit, { kind: 'failed' }>;

/** Files that were put in place for a job. */
export interface InjectedFiles {
  readonly kind: 'placed';
  /** Takes away the files and the folders made for them; folders that hold something else by now stay. Returns what went wrong. */
  remove(): Promise<readonly string[]>;
}

/** Takes away what an earlier process put in place for a job, as `remove` would have. Returns what went wrong. */
export async function removePlaced(job: Job): Promise<readonly string[]> {
  return removeAll(await readPlaced(job.scratch));
}

/**
 * Puts the files of a job below its working folder. Never writes over anything, nor outside that folder through a link. When one
 * file fails, those before it are taken away again. With an `owner` they are that user's, and nothing is done for it that it could
 * not do itself: neither where it may not write, nor with a source that it may not read.
 */
export async function placeFiles(
  job: Job,
  folder: string,
  owner: FileOwner | null = null,
): Promise<InjectedFiles | Failure> {
  if (!(await isFolder(folder))) return failure('bad_working_dir', `the working folder "${folder}" is not a folder`);
  const placed = new Placement(folder, job, owner);
  for (const file of job.files) {
    const problem = await placed.add(file);
    if (problem === undefined) continue;
    await placed.remove();
    return problem;
  }
  return { kind: 'placed', remove: () => placed.remove() };
}

class Placement {
  readonly #folder: string;
  readonly #workspace: string;
  readonly #record: PlacedRecord;
  readonly #owner: FileOwner | null;

  constructor(folder: string, job: Job, owner: FileOwner | null) {
    this.#owner = owner;
    this.#folder = folder;
    this.#workspace = job.workspace;
    this.#record = new PlacedRecord(job.scratch);
  }

  async add(file: JobFile): Promise<Failure | undefined> {
    const steps = normalize(file.path).split('/');
    const name = steps.pop();
    if (!name || steps.some((step) => step === '' || step === '..') || name === '.' || name === '..') {
      return badFile(file, 'does not name a file below the working folder');
    }
    try {
      const parent = await this.#enter(steps);
      if (parent === null)
        return badFile(file, 'leads through something that is not a folder (links are not followed)');
      await this.#write(parent, name, file).finally(() => parent.close());
      return undefined;
    } catch (error) {
      return badFile(file, describe(error));
    }
  }

  remove(): Promise<readonly string[]> {
    return removeAll(this.#record.placed);
  }

  /** Makes the folders on the way that are missing. Returns null when something else stands there. */
  async #enter(steps: readonly string[]): Promise<OpenFolder | null> {
    let folder = await this.#openRoot();
    for (const step of steps) {
      const next = await this.#step(folder, step).finally(folder.close.bind(folder));
      if (next === null) return null;
      folder = next;
    }
    return folder;
  }

  async #openRoot(): Promise<OpenFolder> {
    const folder = await OpenFolder.open(this.#folder);
    if (!this.#owner || (await canReach(folder, this.#owner))) return folder;
    await folder.close();
    throw new Error('the user of tasks may not enter the working folder');
  }

  async #step(folder: OpenFolder, name: string): Promise<OpenFolder | null> {
    const existing = await folder.enter(name).catch(noneWhenMissing);
    if (existing !== undefined) return existing;
    await this.#expectWritable(folder);
    if (!(await makeFolder(folder.at(name)))) return folder.enter(name);
    await this.#record.add({ kind: 'folder', path: folder.pathOf(name), owner: this.#owner });
    const made = await folder.enter(name);
    if (this.#owner) await made?.chown(this.#owner.uid, this.#owner.gid);
    return made;
  }

  async #write(folder: OpenFolder, name: string, { content, mode }: JobFile): Promise<void> {
    await this.#expectWritable(folder);
    if (content.kind === 'bytes') return this.#create(folder, name, mode, content.bytes);
    const source = await openSource(resolve(this.#workspace, content.path));
    try {
      if (this.#owner && !(permits(await source.stat(), this.#owner, READ) && (await canReach(source, this.#owner))))
        throw new Error('the user of tasks may not read its source');
      await this.#create(folder, name, mode, source.createReadStream({ autoClose: false }));
    } finally {
      await source.close();
    }
  }

  /** The mode is set once more because the umask takes bits from it. */
  async #create(folder: OpenFolder, name: string, mode: number, content: Uint8Array | ReadStream): Promise<void> {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const target = await files.open(folder.at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    try {
      await this.#record.add({ kind: 'file', path: folder.pathOf(name), owner: this.#owner });
      await files.writeFile(target, content);
      await target.chmod(mode);
      if (this.#owner) await target.chown(this.#owner.uid, this.#owner.gid);
    } finally {
      await target.close();
    }
  }

  async #expectWritable(folder: OpenFolder): Promise<void> {
    if (this.#owner && !permits(await folder.stat(), this.#owner, CHANGE))
      throw new Error('the user of tasks may not write there');
  }
}

/** The files first, then the folders, those inside first; folders that hold something else by now stay. */
async function removeAll(placed: readonly Placed[]): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const each of placed) {
    if (each.kind === 'file') await removeOne(each).catch((error) => notes.push(notRemoved(each.path, error)));
  }
  for (const each of [...placed].reverse()) if (each.kind === 'folder') await removeOne(each).catch(ignore);
  return notes;
}

/** What has gone already is no trouble. What is not its owner's any more, or stands where that could not remove it, is left alone. */
async function removeOne({ kind, path, owner }: Placed): Promise<void> {
  const folder = await OpenFolder.open(dirname(path)).catch(noneWhenMissing);
  if (folder === undefined) return;
  try {
    const entry = folder.at(basename(path));
    const stats = await files.lstat(entry).catch(noneWhenMissing);
    if (stats === undefined) return;
    if (owner && !(stats.uid === owner.uid && permits(await folder.stat(), owner, CHANGE)))
      throw new Error('the user of tasks could not remove it');
    await (kind === 'file' ? files.unlink(entry) : files.rmdir(entry));
  } finally {
    await folder.close();
  }
}

function notRemoved(path: string, error: unknown): string {
  return `"${path}" was not removed: ${messageOf(error)}`;
}

/** Opens a regular file; never waits for the other end of a FIFO. */
async function openSource(path: string): Promise<FileHandle> {
  const source = await files.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await source.stat()).isFile()) return source;
  await source.close();
  throw new Error(`its source "${path}" is not a regular file`);
}

/** What somebody may do, as permissions of its owner: read a file, enter a folder, or enter it and change what is in it. */
const READ = 0o400;
const ENTER = 0o100;
const CHANGE = 0o300;

/** Whether somebody could have opened a file or folder that is open here: links may have led us through folders that are closed to them. */
async function canReach(opened: FileHandle | OpenFolder, owner: FileOwner): Promise<boolean> {
  let path = await placeOf(opened);
  while (path !== '/') {
    path = dirname(path);
    if (!permits(await files.stat(path), owner, ENTER)) return false;
  }
  return true;
}

/** We may do more than the user of tasks: what that could not do is not done for it. Only the user's own group counts. */
function permits({ mode, uid: owner, gid: group }: Stats, { uid, gid }: FileOwner, wanted: number): boolean {
  const who = owner === uid ? wanted : group === gid ? wanted >> 3 : wanted >> 6;
  return (mode & who) === who;
}

async function isFolder(path: string): Promise<boolean> {
  return files.stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** Returns false when something of that name is there. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await files.mkdir(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function noneWhenMissing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}

function badFile({ path }: JobFile, why: string): Failure {
  return failure('bad_file', `the file "${path}" ${why}`);
}

function failure(reason: Failure['reason'], message: string): Failure {
  return { kind: 'failed', reason, message };
}

function describe(error: unknown): string {
  if (errorCode(error) === 'EEXIST')
    return 'is there already and is not written over; choose another path, or remove it first';
  return `cannot be put in place: ${messageOf(error)}`;
}

/** By which way an entry was reached is of no interest. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(OPEN_FOLDER, '') : String(error);
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** A folder that holds something by now stays. */
function ignore(): void {}
