import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces the content of a file as one step: whoever reads it, also after a crash, sees all of the old or all of the new.
 * Symbolic links are followed; permission bits and, where allowed, the owner stay. @throws when the file no longer holds
 * `before`, or with the system's error; the file is then as it was.
 */
export function replaceFile(path: string, before: Uint8Array, after: Uint8Array): void {
  const target = realpathSync(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeLike(target, temporary, after);
    if (!Buffer.from(before).equals(readFileSync(target))) throw new Error('the file was changed in the meantime');
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(target));
}

function writeLike(model: string, path: string, content: Uint8Array): void {
  const { mode, uid, gid } = statSync(model);
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(descriptor, content);
    const own = fstatSync(descriptor);
    if (own.uid !== uid || own.gid !== gid) keepOwner(descriptor, uid, gid);
    fchmodSync(descriptor, mode & 0o777);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

// Only root may give files away; for others the file becomes theirs, as with any editor.
function keepOwner(descriptor: number, uid: number, gid: number): void {
  try {
    fchownSync(descriptor, uid, gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
