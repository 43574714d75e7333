import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../model/store.ts';
import { NONCE_BYTES, TAG_BYTES, type Vault } from '../util/vault.ts';

/** Bytes that are in memory at a time, per file. */
const CHUNK = 256 * 1024;

/** How a file is opened that anybody may have put there: a link is not followed, a pipe not waited for. */
const UNTRUSTED = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Files kept by content, sealed, in a folder of their own. A name is a fingerprint of the content, so that equal files are
 * kept once, and a file that is not what its name says is found out.
 */
export class BlobFolder implements BlobStore {
  readonly #folder: string;
  readonly #vault: Vault;

  constructor(folder: string, vault: Vault) {
    this.#folder = folder;
    this.#vault = vault;
  }

  /** Reads the file once; replaces a blob of the same name, which may have been damaged. */
  async save(path: string): Promise<{ readonly name: string; readonly size: number }> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const aside = join(this.#folder, `new.${process.pid}.${randomBytes(8).toString('hex')}`);
    try {
      const saved = await copy(path, UNTRUSTED, aside, 0o600, (from, to) => this.#seal(from, to));
      await mkdir(join(this.#folder, saved.name.slice(0, 2)), { recursive: true, mode: 0o700 });
      await rename(aside, this.#pathOf(saved.name));
      return saved;
    } finally {
      await rm(aside, { force: true });
    }
  }

  async nameOf(path: string): Promise<string> {
    const file = await open(path, UNTRUSTED);
    try {
      if (!(await file.stat()).isFile()) throw new Error(`${path} is not a regular file`);
      const marker = this.#vault.marker();
      for await (const chunk of chunksOf(file, 0, Number.POSITIVE_INFINITY)) marker.update(chunk);
      return marker.digest('hex');
    } finally {
      await file.close();
    }
  }

  async restore(name: string, path: string, mode: number): Promise<void> {
    const blob = this.#pathOf(name);
    try {
      await copy(blob, constants.O_RDONLY, path, mode, (from, to) => this.#open(name, from, to));
    } catch (error) {
      if (error instanceof Damaged) await rm(blob, { force: true });
      throw error;
    }
  }

  async sweep(used: ReadonlySet<string>, since: number): Promise<number> {
    let freed = 0;
    for (const name of await this.#names()) {
      const path = join(this.#folder, name);
      const stats = await stat(path).catch(() => null);
      if (!stats?.isFile() || used.has(name.slice(3)) || stats.mtimeMs >= since) continue;
      await rm(path, { force: true });
      freed += stats.size;
    }
    return freed;
  }

  async #names(): Promise<string[]> {
    return readdir(this.#folder, { recursive: true }).catch(() => []);
  }

  #pathOf(name: string): string {
    return join(this.#folder, name.slice(0, 2), name);
  }

  async #seal(from: FileHandle, to: FileHandle): Promise<{ readonly name: string; readonly size: number }> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = this.#vault.cipher(nonce);
    const marker = this.#vault.marker();
    let size = 0;
    await to.writeFile(nonce);
    for await (const chunk of chunksOf(from, 0, Number.POSITIVE_INFINITY)) {
      marker.update(chunk);
      size += chunk.length;
      await to.writeFile(cipher.update(chunk));
    }
    await to.writeFile(Buffer.concat([cipher.final(), cipher.getAuthTag()]));
    return { name: marker.digest('hex'), size };
  }

  async #open(name: string, from: FileHandle, to: FileHandle): Promise<void> {
    const { size } = await from.stat();
    const end = size - TAG_BYTES;
    if (end < NONCE_BYTES) throw new Damaged(name);
    const decipher = this.#vault.decipher(await readAll(from, 0, NONCE_BYTES));
    decipher.setAuthTag(await readAll(from, end, size));
    const marker = this.#vault.marker();
    for await (const chunk of chunksOf(from, NONCE_BYTES, end)) {
      const plain = decipher.update(chunk);
      marker.update(plain);
      await to.writeFile(plain);
    }
    try {
      decipher.final();
    } catch (cause) {
      throw new Damaged(name, { cause });
    }
    if (marker.digest('hex') !== name) throw new Damaged(name);
  }
}

class Damaged extends Error {
  constructor(name: string, options?: ErrorOptions) {
    super(`the stored file ${name.slice(0, 12)} is damaged`, options);
  }
}

/** Copies through `pass` into a new file; when that fails, there is no file. */
async function copy<T>(
  source: string,
  flags: number,
  target: string,
  mode: number,
  pass: (from: FileHandle, to: FileHandle) => Promise<T>,
): Promise<T> {
  const from = await open(source, flags);
  try {
    if (!(await from.stat()).isFile()) throw new Error(`${source} is not a regular file`);
    const to = await open(target, 'wx', 0o600);
    try {
      const passed = await pass(from, to);
      // The umask takes bits from a mode given at opening.
      await to.chmod(mode);
      return passed;
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** The bytes of a file from one offset to another, or to its end; a chunk is valid until the next one is asked for. */
async function* chunksOf(file: FileHandle, start: number, end: number): AsyncIterable<Uint8Array> {
  const buffer = new Uint8Array(CHUNK);
  for (let offset = start; offset < end; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK, end - offset), offset);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    offset += bytesRead;
  }
}

async function readAll(file: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  await file.read(bytes, 0, bytes.length, start);
  return bytes;
}
