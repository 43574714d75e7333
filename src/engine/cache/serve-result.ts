import type { Output, TaskEnd } from '../../model/run.ts';
import { formatDuration } from '../../util/duration.ts';
import { protect } from '../../util/mask/protect.ts';
import { type CacheEntry, openEntry, type SavedOutput, unpackEntry } from './cache-entry.ts';
import type { CachePorts, CacheRequest } from './cache-request.ts';
import { changesBetween, changeText } from './explain.ts';
import { workingFolder } from './input-parts.ts';
import type { ResultKey } from './result-key.ts';
import { restorePaths } from './saved-paths.ts';
import { isPast } from './upkeep.ts';

/** A stored result, in place, or why there is none to use. `why` is null when nothing was ever stored under the key. */
export type Served =
  | { readonly kind: 'hit'; readonly end: TaskEnd }
  | { readonly kind: 'miss'; readonly why: string | null };

/** Finds the result of a task and puts it in place. What is stored but cannot be used is a miss. @throws when the store fails */
export async function serveResult(request: CacheRequest, ports: CachePorts, key: ResultKey): Promise<Served> {
  const value = await ports.store.get(key.entry);
  if (value === null) return { kind: 'miss', why: null };
  const entry = openEntry({ key: key.entry, value }, ports.vault);
  if (entry === null) return { kind: 'miss', why: DAMAGED };
  const age = request.now() - entry.origin.at;
  const { ttlMs } = request.cache;
  if (ttlMs !== null && age >= ttlMs) return { kind: 'miss', why: olderThan(ttlMs) };
  const lacking = missingExport(request, entry);
  if (lacking !== undefined) return { kind: 'miss', why: `the stored result has no export "${lacking}"` };
  try {
    await restorePaths(workingFolder(request.job), entry.paths, ports.blobs);
  } catch (error) {
    return { kind: 'miss', why: `the stored files cannot be used: ${error instanceof Error ? error.message : error}` };
  }
  return { kind: 'hit', end: endFrom(request, entry, key) };
}

function olderThan(ttlMs: number): string {
  return `the stored result is older than ${formatDuration(ttlMs)}`;
}

const DAMAGED = 'what was stored is damaged';

/** What is different from the last success of the task, in words. `now` is in ms since the epoch. */
export async function explainMiss(ports: CachePorts, key: ResultKey, now: number): Promise<string> {
  const value = await ports.store.get(key.latest);
  if (value === null) return 'no result of this task is stored yet';
  const latest = openEntry(unpackEntry(value), ports.vault);
  if (latest === null) return DAMAGED;
  const deciding = key.parts.filter((part) => part.decides);
  const changes = changesBetween(
    latest.parts().filter((part) => part.decides),
    deciding,
  );
  if (changes.length > 0) return changeText(changes);
  // Then it was removed by the upkeep, which leaves the last success to compare with.
  if (latest.ttlMs !== null && isPast(latest, now)) return olderThan(latest.ttlMs);
  return 'its result is no longer stored';
}

function missingExport({ task }: CacheRequest, { outputs }: CacheEntry): string | undefined {
  const stored = new Set(outputs.map(({ name }) => name));
  return task.exports.find(({ name, optional }) => !optional && !stored.has(name))?.name;
}

function endFrom(request: CacheRequest, entry: CacheEntry, key: ResultKey): TaskEnd {
  const { origin, result } = entry;
  const outputs = outputsFrom(request, entry.outputs);
  const stale =
    request.cache.key === null ? [] : changesBetween(entry.parts().filter(notDeciding), key.parts.filter(notDeciding));
  const notes = stale.length > 0 ? { notes: [`cache: its key still fits, but ${changeText(stale)}`] } : {};
  return { status: 'success', exitCode: null, outputs, cached: true, origin, ...(result ? { result } : {}), ...notes };
}

function notDeciding(part: { readonly decides: boolean }): boolean {
  return !part.decides;
}

/** Confidential is what was, what is declared so by now, and what holds a secret of this run. */
function outputsFrom({ task, masks }: CacheRequest, stored: readonly SavedOutput[]): Record<string, Output> {
  const outputs: Record<string, Output> = Object.create(null);
  for (const { name, scope, confidential: declared } of task.exports) {
    const saved = stored.find((output) => output.name === name);
    if (!saved) continue;
    const confidential = saved.confidential || declared || masks.containsSecret(saved.value);
    const problem = confidential ? protect(masks, saved.value) : null;
    if (problem !== null) throw new Error(problem);
    outputs[name] = { value: saved.value, confidential, scope };
  }
  return outputs;
}
