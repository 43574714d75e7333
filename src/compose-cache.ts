import { join } from 'node:path';
import { latestPrefix, unpackEntry } from './engine/cache/cache-entry.ts';
import type { CachePorts } from './engine/cache/cache-request.ts';
import { FileDigests } from './engine/cache/file-digests.ts';
import type { Clock } from './model/ports.ts';
import type { ResultStore } from './model/store.ts';
import type { Workflow } from './model/workflow.ts';
import { BlobFolder } from './store/blob-folder.ts';
import { readKeyFile } from './store/key-file.ts';
import { ReadAhead } from './store/read-ahead.ts';
import { SharedStore } from './store/shared-store.ts';
import type { StoreCommand } from './store/start-store.ts';
import { Vault } from './util/vault.ts';

/** Where a cache is kept, and how its store process is started. */
export interface CachePlace {
  readonly stateDir: string;
  readonly command: StoreCommand;
  readonly clock: Clock;
}

/** A cache that is open, and the way to be done with it. */
export interface OpenCache extends CachePorts {
  close(): Promise<void>;
}

/** The folder of the store and the blobs below a state directory. */
export function cacheFolder(stateDir: string): string {
  return join(stateDir, 'cache');
}

/** Tasks of a run that may be cached from which on their last results are read ahead. */
const MANY_TASKS = 20;

/** Opens the cache for one run of a workflow whose tasks start in `scope`. @throws without a key */
export function openRunCache(place: CachePlace, scope: string, workflow: Workflow): OpenCache {
  const opened = openCache(place, scope);
  if (workflow.tasks.filter((task) => task.cache).length < MANY_TASKS) return opened;
  return { ...opened, store: new ReadAhead(opened.store, latestPrefix(scope, workflow.id), unpackEntry) };
}

/** Opens the cache of a state directory; the store process comes up meanwhile. @throws without a key */
export function openCache({ stateDir, command, clock }: CachePlace, scope: string): OpenCache {
  const store = new SharedStore({ folder: cacheFolder(stateDir), command, clock });
  const ports = cachePorts({ stateDir, clock }, store);
  store.reach();
  return { ...ports, scope, close: () => store.close() };
}

/** What belongs to a store in a state directory, without a scope. @throws without a key */
export function cachePorts<S extends ResultStore>({ stateDir, clock }: Omit<CachePlace, 'command'>, store: S) {
  const vault = new Vault(readKeyFile(join(stateDir, 'key')));
  const blobs = new BlobFolder(join(cacheFolder(stateDir), 'blobs'), vault);
  return { store, blobs, vault, digests: new FileDigests(clock), scope: '' };
}
