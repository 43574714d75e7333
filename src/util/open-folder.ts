import { constants, promises as files, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** What stands before the name of an entry in messages of errors. */
export const OPEN_FOLDER = /\/proc\/self\/fd\/\d+\//;

/**
 * A folder that is held open: what is done to its entries is done in it, also when somebody moves it away meanwhile and puts a link
 * in its place. Elsewhere than on Linux its path is all there is.
 */
export class OpenFolder {
  readonly #handle: FileHandle;
  readonly #path: string;

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** Opens a folder, through links. @throws where there is none */
  static async open(path: string): Promise<OpenFolder> {
    return new OpenFolder(await files.open(path, constants.O_RDONLY | constants.O_DIRECTORY), path);
  }

  /** The path by which to reach an entry: a name, which must hold no `/`. */
  at(name: string): string {
    return process.platform === 'linux' ? `/proc/self/fd/${this.#handle.fd}/${name}` : this.pathOf(name);
  }

  /** The path an entry had when this was opened. */
  pathOf(name: string): string {
    return join(this.#path, name);
  }

  /** Opens a folder in it; null when that is anything else, such as a link. @throws where there is nothing */
  async enter(name: string): Promise<OpenFolder | null> {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
    try {
      return new OpenFolder(await files.open(this.at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), this.pathOf(name));
    } catch (error) {
      if (error instanceof Error && 'code' in error && NO_FOLDER.has(error.code)) return null;
      throw error;
    }
  }

  /** Its number as a file that is open here. */
  get fd(): number {
    return this.#handle.fd;
  }

  stat(): Promise<Stats> {
    return this.#handle.stat();
  }

  chown(uid: number, gid: number): Promise<void> {
    return this.#handle.chown(uid, gid);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Where the kernel says that an open file or folder is by now. Linux only. @throws elsewhere */
export function placeOf({ fd }: { readonly fd: number }): Promise<string> {
  return files.readlink(`/proc/self/fd/${fd}`);
}

const NO_FOLDER: ReadonlySet<unknown> = new Set(['ENOTDIR', 'ELOOP']);
