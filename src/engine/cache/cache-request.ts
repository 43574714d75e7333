import type { BlobStore, ResultStore } from '../../model/store.ts';
import type { CacheSpec, Task } from '../../model/workflow.ts';
import type { SecretSet } from '../../util/mask/secret-set.ts';
import type { Vault } from '../../util/vault.ts';
import type { RenderedJob, RunScope } from '../render-job.ts';
import type { FileDigests } from './file-digests.ts';
import type { RenderedTask } from './task-parts.ts';

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
  /** Opens the cache; the same one at every call. */
  readonly open: () => Promise<CachePorts>;
  readonly masks: SecretSet;
  /** The version of the driver. */
  readonly version: string;
  /** What the result rests on besides, in the words of the driver; left out by most. */
  readonly foundation?: () => Promise<string>;
  readonly run: string;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What the cache is asked about one attempt, or null when the task or the run does without. */
export function cacheRequest(
  { header, state, ports }: RunScope,
  task: Task,
  rendered: RenderedJob,
  ending: AbortController,
): CacheRequest | null {
  const { cache } = task;
  const { cache: open, masks, clock, drivers } = ports;
  if (!cache || !open) return null;
  const driver = drivers.get(task.type);
  const version = driver?.version ?? '';
  return {
    ...rendered,
    workflow: state.workflow,
    task,
    cache,
    open,
    masks,
    version,
    ...(driver?.foundation
      ? { foundation: async () => (await driver.foundation?.(rendered.job, ending.signal)) ?? '' }
      : {}),
    run: header.id,
    now: () => clock.now(),
    // Made when it is asked for, which is seldom.
    get signal() {
      return ending.signal;
    },
  };
}
