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
 * another run may be about to store what needs them. What cannot be read goes too. Returns how much went.
 */
export async function purge(
  ports: CachePorts,
  wish: PurgeWish,
  keepSince: number,
): Promise<{ readonly results: number; readonly bytes: number }> {
  const used = new Set<string>();
  const results: Uint8Array[] = [];
  for await (const stored of ports.store.list(ENTRIES)) {
    const entry = openEntry(stored, ports.vault);
    if (entry && !isWanted(wish, entry)) for (const blob of blobsOf(entry)) used.add(blob);
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

function blobsOf(entry: CacheEntry): readonly string[] {
  return entry.paths.flatMap(({ items }) => items.flatMap((item) => (item.kind === 'file' ? [item.blob] : [])));
}
