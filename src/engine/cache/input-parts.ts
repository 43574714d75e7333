import { resolve } from 'node:path';
import type { Job } from '../../model/ports.ts';
import type { CacheSpec } from '../../model/workflow.ts';
import type { FileDigests } from './file-digests.ts';
import { findFiles } from './find-files.ts';
import type { KeyParts } from './key-part.ts';

/** How the parts for an input file's content, its permission bits and, of a link, its target begin. */
export const INPUT = 'input ';
/** See `INPUT`. */
export const MODE = 'mode of ';
const LINK = 'link ';

/**
 * Adds the files that a task's `cache.inputs` match: content, permission bits, and where links lead. Times do not count.
 * @throws when a file cannot be read
 */
export async function addInputParts(parts: KeyParts, cache: CacheSpec, job: Job, digests: FileDigests): Promise<void> {
  if (cache.inputs.length === 0) return;
  const folder = workingFolder(job);
  parts.add('cache.inputs', JSON.stringify(cache.inputs), true);
  for (const { path, link, readable } of await findFiles(folder, cache.inputs)) {
    if (link !== null) parts.add(LINK + path, link, true);
    if (!readable && link === null) parts.add(INPUT + path, 'not a file', true);
    if (!readable) continue;
    const { content, mode } = await digests.of(resolve(folder, path));
    parts.add(INPUT + path, content, true);
    parts.add(MODE + path, mode.toString(8), true);
  }
}

/** Adds the content of the host's files that are put in place for a task. @throws when one cannot be read */
export async function addSourceParts(parts: KeyParts, job: Job, digests: FileDigests): Promise<void> {
  for (const { path, content } of job.files) {
    if (content.kind !== 'source') continue;
    parts.add(`source of file ${path}`, (await digests.of(resolve(job.workspace, content.path))).content);
  }
}

/** The folder a task starts in. */
export function workingFolder(job: Job): string {
  return resolve(job.workspace, job.workingDir ?? '.');
}
