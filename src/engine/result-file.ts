import { constants, promises as files } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { Job } from '../model/ports.ts';
import type { TaskResultText } from '../model/run.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import { placeOf } from '../util/open-folder.ts';

/** Bytes of a `result_file` that are kept (seeds B15). */
export const RESULT_LIMIT = 10 * 1024;

/** What a `result_file` holds, or in a note why there is no text. */
export interface ReadResult {
  readonly result?: TaskResultText;
  readonly note?: string;
}

/**
 * Reads what a task that succeeded left in its `result_file`, masked. An absent or odd file is no failure, but noted. One to which
 * links lead out of the workspace is none of the task's.
 */
export async function readResultFile(job: Job, masks: SecretSet): Promise<ReadResult> {
  if (job.resultFile === null) return {};
  const refuse = (why: string): ReadResult => ({ note: masks.maskText(`result_file "${job.resultFile}" ${why}`) });
  const folder = resolve(job.workspace, job.workingDir ?? '.');
  const path = resolve(folder, job.resultFile);
  // A working folder elsewhere was chosen by who wrote the file; within the workspace, tasks can make links.
  const root = isBelow(folder, job.workspace) ? job.workspace : folder;
  const outside = `is not in the ${root === job.workspace ? 'workspace' : "task's folder"}`;
  if (!(await isInside(dirname(path), root))) return refuse(outside);
  const file = await files
    .open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    .catch((error: NodeJS.ErrnoException) => error);
  if (file instanceof Error) return refuse(file.code === 'ENOENT' ? 'was not written' : `cannot be read: ${file.code}`);
  try {
    // Whatever the task has left running may have put a link in the way since we looked.
    const place = process.platform === 'linux' ? await placeOf(file) : path;
    if (!(await isInside(dirname(place), root))) return refuse(outside);
    if (!(await file.stat()).isFile()) return refuse('is not a regular file');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(RESULT_LIMIT + 1), 0, RESULT_LIMIT + 1, 0);
    const text = buffer.toString('utf8', 0, Math.min(bytesRead, RESULT_LIMIT));
    return { result: { text: masks.maskText(text), truncated: bytesRead > RESULT_LIMIT } };
  } finally {
    await file.close();
  }
}

/** Whether a folder is another or stands in it, wherever links lead. */
async function isInside(folder: string, outer: string): Promise<boolean> {
  const [inner, root] = await Promise.all([folder, outer].map((path) => files.realpath(path).catch(() => null)));
  return Boolean(inner && root && isBelow(inner, root));
}

/** The same, by their paths alone. */
function isBelow(folder: string, outer: string): boolean {
  return folder === outer || folder.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`);
}
