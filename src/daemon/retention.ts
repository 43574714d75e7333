import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PruneReport } from '../model/api.ts';
import type { Clock } from '../model/ports.ts';
import type { KeptRun, StateStore } from '../model/state-store.ts';
import { folderBytes } from '../util/folder-bytes.ts';
import { removeTree } from '../util/remove-tree.ts';
import { planRetention, type Removal, type RetentionLimits } from './retention-plan.ts';

/** What retention works with. */
export interface RetentionParts {
  readonly state: StateStore;
  /** Absolute path of the folder that holds a folder for each run. */
  readonly runs: string;
  readonly limits: RetentionLimits;
  readonly clock: Clock;
  /** Told of a folder that could not be removed; the next sweep tries again. */
  readonly onProblem: (path: string, error: unknown) => void;
}

/** How many runs go in one commit: others wait for as long. */
const AT_ONCE = 50;

/** Takes runs away that are over and passed a bound: records, logs and workspaces. Never one that is not over. */
export class Retention {
  readonly #parts: RetentionParts;
  #sweeping: Promise<unknown> = Promise.resolve();

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Remembers what a run that has just ended takes on the disk, so that its folder and its events are looked through once only. */
  async measure(run: string): Promise<number> {
    const { state, runs } = this.#parts;
    const bytes = (await folderBytes(join(runs, run))) + (await state.journalBytes(run));
    // It may have gone meanwhile.
    if (state.run(run)) await state.batch().setRunSize(run, bytes).commit();
    return bytes;
  }

  /** Removes what passed a bound, or with `dryRun` only says how much that is. One sweep at a time. */
  sweep(dryRun: boolean): Promise<PruneReport> {
    const sweep = this.#sweeping.then(() => this.#sweep(dryRun));
    this.#sweeping = sweep.catch(() => undefined);
    return sweep;
  }

  async #sweep(dryRun: boolean): Promise<PruneReport> {
    const runs = await this.#measured(await this.#parts.state.keptRuns());
    const removals = planRetention(runs, this.#parts.limits, this.#parts.clock.now());
    if (!dryRun) {
      await this.#removeLeftovers(new Set(runs.map(({ id }) => id)));
      for (let from = 0; from < removals.length; from += AT_ONCE)
        await this.#remove(removals.slice(from, from + AT_ONCE));
    }
    const bytes = removals.reduce((sum, { run }) => sum + (run.bytes ?? 0), 0);
    return { runs: removals.length, bytes, dry_run: dryRun };
  }

  /** Runs whose end came with the end of the daemon were not measured then. */
  async #measured(runs: readonly KeptRun[]): Promise<readonly KeptRun[]> {
    const measured: KeptRun[] = [];
    for (const run of runs) measured.push(run.bytes === null ? { ...run, bytes: await this.measure(run.id) } : run);
    return measured;
  }

  /** Records first: a run that is listed has its logs, and a folder without a record is found by the next sweep. */
  async #remove(removals: readonly Removal[]): Promise<void> {
    const batch = this.#parts.state.batch();
    for (const { run } of removals) batch.deleteRun(run.id);
    await batch.commit();
    for (const { run } of removals) await this.#removeFolder(run.id);
  }

  /** Folders without a record; only where the run is not one of those just listed is the record looked for. */
  async #removeLeftovers(listed: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#parts.runs)) {
      if (RUN_ID.test(name) && !listed.has(name) && !this.#parts.state.run(name)) await this.#removeFolder(name);
    }
  }

  async #removeFolder(run: string): Promise<void> {
    const path = join(this.#parts.runs, run);
    try {
      await removeTree(path);
    } catch (error) {
      this.#parts.onProblem(path, error);
    }
  }
}

// Whatever else somebody put there is not ours to remove.
const RUN_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
