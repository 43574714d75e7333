import type { CatalogChange } from '../catalog/entry.ts';
import type { Clock } from '../model/ports.ts';
import type { Workflow } from '../model/workflow.ts';
import { mapLimited } from '../util/map-limited.ts';
import type { TriggerBoard } from './trigger-board.ts';

/** How soon to try again what could not be written, in ms. */
const AGAIN_MS = 5_000;

/** How many workflows are armed at a time: what they write shares its way to the disk. */
const AT_ONCE = 256;

/** Keeps the board as the catalog is: each change of a file arms or disarms. Those of one workflow follow each other. */
export class Armory {
  readonly #board: TriggerBoard;
  readonly #clock: Clock;
  readonly #onFailure: (id: string, error: unknown) => void;
  /** What is to be done about each workflow; null disarms. */
  readonly #wanted = new Map<string, Workflow | null>();
  #working: Promise<void> | null = null;
  #callOff: () => void = () => {};

  constructor(board: TriggerBoard, clock: Clock, onFailure: (id: string, error: unknown) => void) {
    this.#board = board;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  /** Takes note of a change. A file that is broken changes nothing: its last good version stays armed. */
  take(change: CatalogChange): void {
    if (change.kind === 'degraded') return;
    if (change.kind === 'removed') this.#wanted.set(change.id, null);
    else if (change.current.workflow && change.current.workflow !== change.previous?.workflow) {
      this.#wanted.set(change.id, change.current.workflow);
    }
    this.#work();
  }

  /** Resolves once all changes so far are in force, or could not be. */
  async settled(): Promise<void> {
    while (this.#working) await this.#working;
  }

  close(): void {
    this.#wanted.clear();
    this.#callOff();
  }

  #work(): void {
    this.#working ??= this.#workOff().finally(() => {
      this.#working = null;
    });
  }

  async #workOff(): Promise<void> {
    const failed = new Map<string, Workflow | null>();
    while (this.#wanted.size > 0) {
      const changes = [...this.#wanted];
      this.#wanted.clear();
      await mapLimited(changes, AT_ONCE, async ([id, workflow]) => {
        if (!(await this.#arm(id, workflow))) failed.set(id, workflow);
      });
    }
    if (failed.size === 0) return;
    this.#callOff();
    this.#callOff = this.#clock.after(AGAIN_MS, () => {
      // What has changed since counts more.
      for (const [id, workflow] of failed) if (!this.#wanted.has(id)) this.#wanted.set(id, workflow);
      this.#work();
    });
  }
  async #arm(id: string, workflow: Workflow | null): Promise<boolean> {
    try {
      await (workflow ? this.#board.arm(workflow) : this.#board.disarm(id));
      return true;
    } catch (error) {
      this.#onFailure(id, error);
      return false;
    }
  }
}
