import { constants, promises as files } from 'node:fs';
import { resolve } from 'node:path';
import type { Job } from '../model/ports.ts';
import type { TaskResultText } from '../model/run.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';

/** Bytes of a `result_file` that are kept (seeds B15). */
export const RESULT_LIMIT = 10 * 1024;

/**
 * Reads what a task that succeeded left in its `result_file`, masked. An absent or odd file is no failure: the task did
 * not say it would write one.
 */
export async function readResultFile(job: Job, masks: SecretSet): Promise<{ result?: TaskResultText }> {
  if (job.resultFile === null) return {};
  const path = resolve(job.workspace, job.workingDir ?? '.', job.resultFile);
  const file = await files
    .open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    .catch(() => null);
  if (!file) return {};
  try {
    if (!(await file.stat()).isFile()) return {};
    const { buffer, bytesRead } = await file.read(Buffer.alloc(RESULT_LIMIT + 1), 0, RESULT_LIMIT + 1, 0);
    const text = buffer.toString('utf8', 0, Math.min(bytesRead, RESULT_LIMIT));
    return { result: { text: masks.maskText(text), truncated: bytesRead > RESULT_LIMIT } };
  } finally {
    await file.close();
  }
}
