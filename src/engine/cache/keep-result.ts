import type { TaskEnd } from '../../model/run.ts';
import { packEntry, sealEntry } from './cache-entry.ts';
import type { CachePorts, CacheRequest } from './cache-request.ts';
import { changesBetween, changeText } from './explain.ts';
import { workingFolder } from './input-parts.ts';
import { type ResultKey, resultKey } from './result-key.ts';
import { isEmpty, savePaths } from './saved-paths.ts';

/**
 * Stores a success under its key, and as the last one of its task. Returns remarks. A result whose inputs changed while the
 * task ran belongs to no key and is not stored. @throws when it cannot be stored
 */
export async function keepResult(
  request: CacheRequest,
  ports: CachePorts,
  key: ResultKey,
  end: Extract<TaskEnd, { status: 'success' }>,
): Promise<readonly string[]> {
  const { workflow, task, cache } = request;
  const changes = changesBetween(key.parts, (await resultKey(request, ports)).parts);
  if (changes.length > 0) return [`cache: not stored; while the task ran, ${changeText(changes)}`];
  const paths = await savePaths(workingFolder(request.job), cache.paths, ports.blobs);
  const record = {
    workflow: workflow.id,
    task: task.name,
    origin: { run: request.run, at: request.now() },
    ttlMs: cache.ttlMs,
    outputs: Object.entries(end.outputs).map(([name, { value, confidential }]) => ({ name, value, confidential })),
    result: end.result ?? null,
    paths,
  };
  const entry = sealEntry(key.entry, record, key.parts, ports.vault);
  await ports.store.put([entry, { key: key.latest, value: packEntry(entry) }]);
  return paths.filter(isEmpty).map(({ path }) => `cache: nothing is at "${path}", which belongs to the result`);
}
