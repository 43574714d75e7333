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
  /** What could not be done, and has not been overtaken since. */
  readonly #failed = new Map<string, Workflow | null>();
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
    if (change.kind === 'removed') this.#want(change.id, null);
    else if (change.current.workflow && change.current.workflow !== change.previous?.workflow) {
      this.#want(change.id, change.current.workflow);
    }
  }

  /** Forgets workflows that are not in the folder, as if they had been taken away now. */
  forget(ids: readonly string[]): void {
    for (const id of ids) if (!this.#wanted.has(id)) this.#want(id, null);
  }

  /** Resolves once all changes so far are in force, or could not be. */
  async settled(): Promise<void> {
    while (this.#working) await this.#working;
  }

  /** Whether what the folder says could not be put in force, and is about to be tried again. */
  get isBehind(): boolean {
    return this.#failed.size > 0;
  }

  close(): void {
    this.#wanted.clear();
    this.#failed.clear();
    this.#callOff();
  }

  #want(id: string, workflow: Workflow | null): void {
    this.#failed.delete(id);
    this.#wanted.set(id, workflow);
    this.#work();
  }

  #work(): void {
    this.#working ??= this.#workOff().finally(() => {
      this.#working = null;
      // Something may have come after the last look.
      if (this.#wanted.size > 0) this.#work();
    });
  }

  async #workOff(): Promise<void> {
    while (this.#wanted.size > 0) {
      const changes = [...this.#wanted];
      this.#wanted.clear();
      await mapLimited(changes, AT_ONCE, ([id, workflow]) => this.#arm(id, workflow));
    }
    this.#callOff();
    if (this.#failed.size > 0) this.#callOff = this.#clock.after(AGAIN_MS, () => this.#tryAgain());
  }

  #tryAgain(): void {
    for (const [id, workflow] of [...this.#failed]) this.#want(id, workflow);
  }

  async #arm(id: string, workflow: Workflow | null): Promise<void> {
    try {
      await (workflow ? this.#board.arm(workflow) : this.#board.disarm(id));
    } catch (error) {
      this.#onFailure(id, error);
      if (!this.#wanted.has(id)) this.#failed.set(id, workflow);
    }
  }
}
