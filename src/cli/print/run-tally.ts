import type { RunEvent } from '../../model/event.ts';
import type { TaskStatus } from '../../model/reason.ts';

/** A task that has begun and not ended. Times are ms since the epoch. */
export interface OpenTask {
  readonly attempt: number;
  /** `waiting` is between two attempts. */
  readonly phase: 'running' | 'waiting' | 'provisioning' | 'deprovisioning';
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
    if ('task' in event && event.task !== null) this.#takeTask(event);
    else if (event.type === 'run-created') this.#startedAt = event.at;
    else if (event.type === 'run-ended') this.#endedAt = event.at;
  }

  #takeTask(event: Extract<RunEvent, { task: string | null }>): void {
    const task = event.task ?? '';
    switch (event.type) {
      case 'task-queued':
        this.#queued.add(task);
        return;
      case 'task-starting':
        this.#begin(task, event.attempt, event.at);
        return;
      case 'task-phase':
        this.#change(task, event.phase);
        return;
      case 'task-running':
        this.#change(task, 'running');
        return;
      case 'task-retrying':
        this.#change(task, 'waiting');
        return;
      case 'task-ended':
        this.#queued.delete(task);
        this.open.delete(task);
        this.ended[event.end.status]++;
        return;
      case 'cancel-requested':
    }
  }

  #begin(task: string, attempt: number, at: number): void {
    this.#queued.delete(task);
    this.open.set(task, { attempt, phase: 'running', firstStart: this.open.get(task)?.firstStart ?? at, since: at });
  }

  #change(task: string, phase: OpenTask['phase']): void {
    const open = this.open.get(task);
    if (open && open.phase !== phase) this.open.set(task, { ...open, phase });
  }
}
