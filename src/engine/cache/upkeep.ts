import { type CacheEntry, ENTRIES, LATEST, openEntry, unpackEntry } from './cache-entry.ts';
import type { CachePorts } from './cache-request.ts';

/** A result in the store. */
export interface StoredResult {
  /** Its identity within its workflow and task, in hex. */
  readonly key: string;
  readonly scope: string;
  readonly entry: CacheEntry;
}

/** Which results to remove: those that fit all that is said. */
export interface PurgeWish {
  readonly workflow: string | null;
  /** Stored before this time, ms since the epoch. */
  readonly before: number | null;
}

/** Files younger than this may belong to a result that a run is about to store, in ms. */
export const UNSETTLED_MS = 600_000;

/** Chooses no result: for what goes in any case. */
export const NO_RESULT: PurgeWish = { workflow: null, before: 0 };

/** All results of a store that can be read, by workflow and task. */
export async function* storedResults({ store, vault }: CachePorts): AsyncIterable<StoredResult> {
  for await (const stored of store.list(ENTRIES)) {
    const entry = openEntry(stored, vault);
    const [, scope = '', , , key = ''] = Buffer.from(stored.key).toString().split('\0');
    if (entry) yield { key, scope, entry };
  }
}

/**
 * Removes results, and the files nobody needs any more, but of those none younger than `keepSince` (ms since the epoch):
 * another run may be about to store what needs them. What cannot be read goes too, and so does what is past its `ttl` at `now`; that
 * it was there is remembered until the task succeeds again. Returns how much went.
 */
export async function purge(
  ports: CachePorts,
  wish: PurgeWish,
  now: number,
  keepSince: number,
): Promise<{ readonly results: number; readonly bytes: number }> {
  const used = new Set<string>();
  const results: Uint8Array[] = [];
  for await (const stored of ports.store.list(ENTRIES)) {
    const entry = openEntry(stored, ports.vault);
    if (entry && !isWanted(wish, entry) && !isPast(entry, now)) for (const blob of blobsOf(entry)) used.add(blob);
    else results.push(stored.key);
  }
  const latest: Uint8Array[] = [];
  for await (const stored of ports.store.list(LATEST)) {
    const entry = openEntry(unpackEntry(stored.value), ports.vault);
    if (!entry || isWanted(wish, entry)) latest.push(stored.key);
  }
  await ports.store.delete([...results, ...latest]);
  return { results: results.length, bytes: await ports.blobs.sweep(used, keepSince) };
}

/** Bytes of the files that belong to a result. */
export function sizeOf(entry: CacheEntry): number {
  const items = entry.paths.flatMap((path) => path.items);
  return items.reduce((sum, item) => sum + (item.kind === 'file' ? item.size : 0), 0);
}

function isWanted({ workflow, before }: PurgeWish, entry: CacheEntry): boolean {
  return (workflow === null || entry.workflow === workflow) && (before === null || entry.origin.at < before);
}

/** Whether the time is over for which its maker said it may be used. `now` is in ms since the epoch. */
export function isPast({ ttlMs, origin }: CacheEntry, now: number): boolean {
  return ttlMs !== null && now - origin.at >= ttlMs;
}

function blobsOf(entry: CacheEntry): readonly string[] {
  return entry.paths.flatMap(({ items }) => items.flatMap((item) => (item.kind === 'file' ? [item.blob] : [])));
}
