import type { RunEvent } from '../../model/event.ts';
import type { TaskStatus } from '../../model/reason.ts';

/** A task that has begun and not ended. Times are ms since the epoch. */
export interface OpenTask {
  readonly attempt: number;
  /** `waiting` is between two attempts. */
  readonly phase: 'running' | 'waiting' | 'provisioning' | 'deprovisioning';
  /** How far the phase is, in words; null when nobody said. */
  readonly message: string | null;
  /** When the first attempt began. */
  readonly firstStart: number;
  /** When this attempt began. */
  readonly since: number;
}

/** How far a run is: what a display must know besides the event at hand. */
export class RunTally {
  readonly total: number;
  /** In the order they began. */
  readonly open = new Map<string, OpenTask>();
  readonly ended: Record<TaskStatus, number> = { success: 0, failed: 0, skipped: 0, cancelled: 0 };
  readonly #queued = new Set<string>();
  #startedAt: number | null = null;
  #endedAt: number | null = null;

  constructor(total: number) {
    this.total = total;
  }

  /** Tasks that wait for a free place. */
  get queued(): number {
    return this.#queued.size;
  }

  get done(): number {
    const { success, failed, skipped, cancelled } = this.ended;
    return success + failed + skipped + cancelled;
  }

  /** How long the run has lasted, or lasted, in ms. */
  elapsed(now: number): number {
    return this.#startedAt === null ? 0 : (this.#endedAt ?? now) - this.#startedAt;
  }

  /** Takes the next event of the run. */
  take(event: RunEvent): void {
    switch (event.type) {
      case 'run-created':
        this.#startedAt = event.at;
        return;
      case 'run-ended':
        this.#endedAt = event.at;
        return;
      case 'task-queued':
        this.#queued.add(event.task);
        return;
      case 'task-starting':
        this.#begin(event.task, event.attempt, event.at);
        return;
      case 'task-phase':
        this.#change(event.task, event.phase, event.message);
        return;
      case 'task-running':
        this.#change(event.task, 'running');
        return;
      case 'task-retrying':
        this.#change(event.task, 'waiting');
        return;
      case 'task-ended':
        this.#end(event.task, event.end.status);
    }
  }

  #begin(task: string, attempt: number, at: number): void {
    this.#queued.delete(task);
    const firstStart = this.open.get(task)?.firstStart ?? at;
    this.open.set(task, { attempt, phase: 'running', message: null, firstStart, since: at });
  }

  #end(task: string, status: TaskStatus): void {
    this.#queued.delete(task);
    this.open.delete(task);
    this.ended[status]++;
  }

  #change(task: string, phase: OpenTask['phase'], message: string | null = null): void {
    const open = this.open.get(task);
    if (open) this.open.set(task, { ...open, phase, message });
  }
}
