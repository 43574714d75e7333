import { isAbsolute } from 'node:path';
import { ControlError } from '../model/control.ts';

/** What is wrong with a folder that cannot be made. */
const PROBLEMS: Readonly<Record<string, string>> = {
  EEXIST: 'it exists already, and a backup wants a new folder',
  ENOENT: 'the folder above it does not exist',
  ENOTDIR: 'what is above it is no folder',
  EACCES: 'the daemon may not write there',
  EPERM: 'the daemon may not write there',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
};

/** Has a copy of the state written to a folder that does not exist yet. @throws {ControlError} when that cannot be made */
export async function makeBackup(write: (folder: string) => Promise<void>, folder: string): Promise<void> {
  if (!isAbsolute(folder)) throw new ControlError('bad-request', `"${folder}": a backup needs an absolute path`);
  try {
    await write(folder);
  } catch (error) {
    const problem = folderProblem(error);
    if (problem === null) throw error;
    throw new ControlError('bad-request', `cannot write a backup to ${folder}: ${problem}`);
  }
}

function folderProblem(error: unknown): string | null {
  if (!(error instanceof Error && 'syscall' in error && error.syscall === 'mkdir' && 'code' in error)) return null;
  return PROBLEMS[String(error.code)] ?? null;
}
