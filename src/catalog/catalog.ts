import { join } from 'node:path';
import type { Clock } from '../model/ports.ts';
import type { Loaded, WorkflowBytes } from '../workflow/load.ts';
import type { CatalogChange, CatalogEntry } from './entry.ts';
import { FolderWatch } from './folder-watch.ts';
import { KnownWorkflows } from './known-workflows.ts';
import type { BlindSpot } from './scan-folder.ts';
import { scanSettled } from './settled-scan.ts';

/** What it takes to follow a folder of workflows. */
export interface CatalogOptions {
  /** Absolute path. It need not exist yet. */
  readonly folder: string;
  /** What the folder is called in messages: the path as the user wrote it. */
  readonly shownAs: string;
  /** Compiles one file; called for one file at a time. */
  readonly load: (source: WorkflowBytes) => Promise<Loaded>;
  /** Files of more bytes are refused unread. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Time between two looks at the folder when nothing hints at a change, in ms. */
  readonly rescanMs: number;
  /** How long a change must have been over before it is taken, in ms: writers take a moment. */
  readonly settleMs: number;
  /** Called in order, during a rescan. What it throws ends the rescan. */
  readonly onChange: (change: CatalogChange) => void;
  /** Gets what a rescan that nobody called for died of: our own trouble. */
  readonly onFailure: (error: unknown) => void;
}

/** The workflows of a folder, kept as they are on disk: for each the last good version and what is wrong with the file now. */
export interface Catalog {
  /** Why the folder, or a part of it, cannot be read; null when all is well. What is not seen stays as it was. */
  readonly degraded: string | null;
  /** All workflows, by id. */
  list(): readonly CatalogEntry[];
  get(id: string): CatalogEntry | undefined;
  /** Looks at the folder now. Resolves after a look that began after this call and whose changes have been told. */
  rescan(): Promise<void>;
  /** Ends the watch. Resolves once nothing runs any more; nothing is told after this call. */
  close(): Promise<void>;
}

/** Begins to follow a folder. Resolves after the first look, whose changes have been told by then. */
export async function openCatalog(options: CatalogOptions): Promise<Catalog> {
  const catalog = new FolderCatalog(options);
  await catalog.rescan();
  return catalog;
}

/** Every so many looks all files are read again, also those that look the same. */
const FULL_EVERY = 20;

/** Longest time from a hint to a look. */
const LONGEST_HINT_MS = 1_500;

class FolderCatalog implements Catalog {
  readonly #options: CatalogOptions;
  readonly #known: KnownWorkflows;
  readonly #watch: FolderWatch;
  readonly #closing = new AbortController();
  #degraded: string | null = null;
  #looks = 0;
  /** The look that is on, and the one asked for meanwhile. */
  #current: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #isHinted = false;
  #lastMs = 0;
  #callOff: () => void = () => undefined;

  constructor(options: CatalogOptions) {
    this.#options = options;
    const shown = (path: string): string => join(options.shownAs, path);
    this.#known = new KnownWorkflows({ ...options, shown }, options.onChange);
    this.#watch = new FolderWatch(options.folder, () => this.#hint());
  }

  get degraded(): string | null {
    return this.#degraded;
  }

  list(): readonly CatalogEntry[] {
    return [...this.#known.entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(id: string): CatalogEntry | undefined {
    return this.#known.entries.get(id);
  }

  rescan(): Promise<void> {
    if (this.#next !== null) return this.#next;
    if (this.#current === null) return this.#start();
    this.#next = this.#current.catch(() => undefined).then(() => this.#start());
    return this.#next;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#callOff();
    await Promise.allSettled([this.#current, this.#next]);
    await this.#watch.close();
  }

  #start(): Promise<void> {
    this.#next = null;
    this.#current = this.#timedLook();
    return this.#current;
  }

  async #timedLook(): Promise<void> {
    const { clock, rescanMs } = this.#options;
    this.#callOff();
    this.#isHinted = false;
    const started = clock.monotonic();
    try {
      await this.#look();
    } finally {
      this.#current = null;
      this.#lastMs = clock.monotonic() - started;
      if (!this.#isHinted) this.#lookAfter(rescanMs);
    }
  }

  async #look(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const isFull = this.#looks++ % FULL_EVERY === 0;
    const { scan, restless } = await scanSettled(this.#options.folder, this.#known.files, this.#options);
    if (this.#closing.signal.aborted) return;
    this.#watch.follow(scan.folders);
    this.#setDegraded(scan.blindSpots);
    const isSettled = await this.#known.update({ scan, restless, isFull }, this.#closing.signal);
    if (!isSettled) this.#hint();
  }

  #setDegraded(blindSpots: readonly BlindSpot[]): void {
    const reason = this.#reason(blindSpots);
    if (reason === this.#degraded) return;
    this.#degraded = reason;
    this.#options.onChange({ kind: 'degraded', reason });
  }

  #reason([first, ...others]: readonly BlindSpot[]): string | null {
    if (first === undefined) return null;
    const more = others.length > 0 ? `; ${others.length} more cannot be used either` : '';
    return `the folder ${join(this.#options.shownAs, first.path)} cannot be used: ${first.reason}${more}`;
  }

  #hint(): void {
    if (this.#isHinted) return;
    this.#isHinted = true;
    // Where something is written all the time, looking must not take all the time.
    this.#lookAfter(Math.max(this.#options.settleMs, Math.min(this.#lastMs * 10, LONGEST_HINT_MS)));
  }

  #lookAfter(ms: number): void {
    this.#callOff();
    if (this.#closing.signal.aborted) return;
    this.#callOff = this.#options.clock.after(ms, () => {
      this.rescan().catch(this.#options.onFailure);
    });
  }
}
