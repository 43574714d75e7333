import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { latestPrefix, unpackEntry } from '../engine/cache/cache-entry.ts';
import type { CachePorts } from '../engine/cache/cache-request.ts';
import { FileDigests } from '../engine/cache/file-digests.ts';
import { purge, UNSETTLED_MS } from '../engine/cache/upkeep.ts';
import type { Clock } from '../model/ports.ts';
import type { Workflow } from '../model/workflow.ts';
import { BlobFolder } from '../store/blob-folder.ts';
import type { LevelStore } from '../store/level-store.ts';
import { ReadAhead } from '../store/read-ahead.ts';
import { openCacheDatabase } from '../store/store-server.ts';
import type { Vault } from '../util/vault.ts';

/** Results are shared by all runs of a workflow: each has a workspace of its own, but starts with nothing in it. */
const SCOPE = 'daemon';

/** Tasks of a run that may be cached from which on their last results are read ahead. */
const MANY_TASKS = 20;

/** The results a daemon keeps. Opened when first needed, in the daemon itself: tasks are children of the executor. */
export class DaemonCache {
  readonly #folder: string;
  readonly #vault: Vault;
  readonly #clock: Clock;
  #store: Promise<LevelStore> | null = null;

  constructor(folder: string, vault: Vault, clock: Clock) {
    this.#folder = folder;
    this.#vault = vault;
    this.#clock = clock;
  }

  /** The cache as one run sees it. @throws when it cannot be opened */
  async open(workflow: Workflow): Promise<CachePorts> {
    this.#store ??= this.#openStore();
    const store = await this.#store;
    const ports = this.#ports(store);
    if (workflow.tasks.filter((task) => task.cache).length < MANY_TASKS) return ports;
    return { ...ports, store: new ReadAhead(store, latestPrefix(SCOPE, workflow.id), unpackEntry) };
  }

  /** Removes results stored before a time (ms since the epoch) or past their `ttl`, and files nobody needs any more. */
  async forget(before: number): Promise<void> {
    if (!this.#store && !existsSync(this.#folder)) return;
    this.#store ??= this.#openStore();
    const ports = this.#ports(await this.#store);
    const now = this.#clock.now();
    await purge(ports, { workflow: null, before }, now, now - UNSETTLED_MS);
  }

  async close(): Promise<void> {
    await (await this.#store?.catch(() => null))?.close();
  }

  #ports(store: LevelStore): CachePorts {
    const blobs = new BlobFolder(join(this.#folder, 'blobs'), this.#vault);
    return { store, blobs, vault: this.#vault, digests: new FileDigests(this.#clock), scope: SCOPE };
  }

  async #openStore(): Promise<LevelStore> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const store = await openCacheDatabase(join(this.#folder, 'db'));
    if (!store) throw new Error(`another process has the cache ${this.#folder} open`);
    return store;
  }
}
