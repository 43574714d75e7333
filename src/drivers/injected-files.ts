import { constants, promises as files, type ReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join, normalize, resolve } from 'node:path';
import type { Job, JobFile } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import type { TaskUser } from '../model/task-user.ts';
import { type Placed, PlacedRecord, readPlaced } from './placed-record.ts';

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
 * file fails, those before it are taken away again. With an `owner` they are that user's, and so must be what they are copied from.
 */
export async function placeFiles(
  job: Job,
  folder: string,
  owner: Pick<TaskUser, 'uid' | 'gid'> | null = null,
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

type Owner = Pick<TaskUser, 'uid' | 'gid'>;

class Placement {
  readonly #folder: string;
  readonly #workspace: string;
  readonly #record: PlacedRecord;
  readonly #owner: Owner | null;

  constructor(folder: string, job: Job, owner: Owner | null) {
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
      if (parent === undefined)
        return badFile(file, 'leads through something that is not a folder (links are not followed)');
      await this.#write(join(parent, name), file);
      return undefined;
    } catch (error) {
      return badFile(file, describe(error));
    }
  }

  remove(): Promise<readonly string[]> {
    return removeAll(this.#record.placed);
  }

  /** Makes the folders on the way that are missing. Returns undefined when something else stands there. */
  async #enter(steps: readonly string[]): Promise<string | undefined> {
    let path = this.#folder;
    for (const step of steps) {
      path = join(path, step);
      if (await makeFolder(path)) {
        await this.#record.add({ kind: 'folder', path });
        if (this.#owner) await files.lchown(path, this.#owner.uid, this.#owner.gid);
      }
      if (!(await files.lstat(path)).isDirectory()) return undefined;
    }
    return path;
  }

  async #write(path: string, file: JobFile): Promise<void> {
    const { content } = file;
    if (content.kind === 'bytes') return this.#create(path, file.mode, content.bytes);
    const source = await openSource(resolve(this.#workspace, content.path));
    try {
      if (this.#owner && !(await mayRead(source, this.#owner)))
        throw new Error('the user of tasks may not read its source');
      await this.#create(path, file.mode, source.createReadStream({ autoClose: false }));
    } finally {
      await source.close();
    }
  }

  /** The mode is set once more because the umask takes bits from it. */
  async #create(path: string, mode: number, content: Uint8Array | ReadStream): Promise<void> {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const target = await files.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    try {
      await this.#record.add({ kind: 'file', path });
      await files.writeFile(target, content);
      await target.chmod(mode);
      if (this.#owner) await target.chown(this.#owner.uid, this.#owner.gid);
    } finally {
      await target.close();
    }
  }
}

/** The files first, then the folders, those inside first; folders that hold something else by now stay. */
async function removeAll(placed: readonly Placed[]): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const { kind, path } of placed) {
    if (kind === 'file') await files.rm(path, { force: true }).catch((error) => notes.push(notRemoved(path, error)));
  }
  for (const { kind, path } of [...placed].reverse()) if (kind === 'folder') await files.rmdir(path).catch(ignore);
  return notes;
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

/** We may read more than the task's user: what that user could not read is not copied for it. */
async function mayRead(source: FileHandle, { uid, gid }: Owner): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await source.stat();
  if (owner === uid) return (mode & 0o400) !== 0;
  return (mode & (group === gid ? 0o040 : 0o004)) !== 0;
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** A folder that holds something by now stays. */
function ignore(): void {}
