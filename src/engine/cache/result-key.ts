import { renderText } from '../environment.ts';
import { type EntryPlace, entryKey, latestKey } from './cache-entry.ts';
import type { CachePorts, CacheRequest } from './cache-request.ts';
import { addInputParts, addSourceParts } from './input-parts.ts';
import { identityOf, type KeyPart, KeyParts } from './key-part.ts';
import { addTaskParts } from './task-parts.ts';

/** Which stored result fits a task, and what that was made of. */
export interface ResultKey {
  readonly parts: readonly KeyPart[];
  /** Where the result stands in the store. */
  readonly entry: Buffer;
  /** Where the last success of the task stands. */
  readonly latest: Buffer;
}

/**
 * The key of a task's result. With a `key` in the file, that one decides, together with `inputs` and `env`, and tasks of the
 * workflow that have the same share results; else everything that matters does. @throws when a file that counts cannot be read
 */
export async function resultKey(request: CacheRequest, ports: CachePorts): Promise<ResultKey> {
  const { cache, task, workflow, context, job, environment } = request;
  const parts = new KeyParts(ports.vault, cache.key === null);
  if (cache.key !== null) parts.addSecret('key', renderText(cache.key, context).text, true);
  parts.add('driver version', request.version);
  // To ask may fetch an image, which is too much for what does not decide.
  if (request.foundation && cache.key === null) parts.add('image', await request.foundation());
  addTaskParts(parts, request);
  for (const name of cache.env) parts.addSecret(`env ${name}`, environment.get(name)?.text ?? '', true);
  await addInputParts(parts, cache, job, ports.digests);
  await addSourceParts(parts, job, ports.digests);
  const list = parts.list();
  const place: EntryPlace = { scope: ports.scope, workflow: workflow.id, task: task.name };
  return {
    parts: list,
    entry: entryKey(cache.key === null ? place : { ...place, task: '' }, identityOf(list, ports.vault)),
    latest: latestKey(place),
  };
}
