import type { BlobStore, Lease, ResultStore } from '../../model/store.ts';
import type { Output, TaskEnd } from '../../model/run.ts';
import type { CacheSpec } from '../../model/workflow.ts';
import { formatDuration } from '../../util/duration.ts';
import type { SecretSet } from '../../util/mask/secret-set.ts';
import type { Vault } from '../../util/vault.ts';
import { renderText } from '../environment.ts';
import { protect } from '../protect.ts';
import {
  type CacheEntry,
  type EntryPlace,
  entryKey,
  type LatestEntry,
  latestKey,
  readEntry,
  sealEntry,
} from './cache-entry.ts';
import { changesBetween, changeText } from './explain.ts';
import type { FileDigests } from './file-digests.ts';
import { addInputParts, addSourceParts, workingFolder } from './input-parts.ts';
import { identityOf, type KeyPart, KeyParts } from './key-part.ts';
import { restorePaths, savePaths } from './saved-paths.ts';
import { addTaskParts, type RenderedTask } from './task-parts.ts';

/** What the cache of a run takes from outside. */
export interface CachePorts {
  readonly store: ResultStore;
  readonly blobs: BlobStore;
  readonly vault: Vault;
  /** Of this run alone. */
  readonly digests: FileDigests;
  /** Results are used only where the scope is the same: for `exec`, in the same folder. */
  readonly scope: string;
}

/** A task about to be run, and what it takes to find that it need not be. */
export interface CacheRequest extends RenderedTask {
  readonly cache: CacheSpec;
  /** Opens the cache, at the first call. */
  readonly open: () => Promise<CachePorts>;
  readonly masks: SecretSet;
  /** The version of the driver. */
  readonly version: string;
  readonly run: string;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Serves the stored result of a task, or runs it and stores what came of it. Of many that ask for the same result at the same
 * time, in any process, one runs and the others get what it made. Trouble with the cache is a note on the task, never its end.
 */
export async function throughCache(request: CacheRequest, run: () => Promise<TaskEnd>): Promise<TaskEnd> {
  const lookup = await look(request).catch((error: unknown) => trouble('not used', error));
  if (request.signal.aborted && !('note' in lookup)) {
    if ('lease' in lookup) lookup.lease.release();
    return run();
  }
  ...
}
