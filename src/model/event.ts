import type { CancelReason, FailureReason, RunStatus } from './reason.ts';
import type { RunHeader, TaskEnd } from './run.ts';

/** How to find a running process or container again. */
export type Handle =
  | { readonly kind: 'process'; readonly pid: number; readonly startTime: string; readonly bootId: string }
  | { readonly kind: 'container'; readonly id: string }
  | { readonly kind: 'run'; readonly id: string };

/**
 * Everything that can happen in a run. A run *is* the sequence of these; whatever is stored, logged or shown is computed
 * from them. Tasks are named; times are milliseconds since the epoch.
 */
export type RunEvent =
  /** The run exists; it has not begun. */
  | { readonly type: 'run-created'; readonly at: number; readonly run: RunHeader }
  /** The first tasks may start. */
  | { readonly type: 'run-started'; readonly at: number }
  /** All parents have ended as wanted and the condition holds; the task waits for a free place. */
  | { readonly type: 'task-queued'; readonly at: number; readonly task: string }
  /** An attempt is about to be handed to its driver. Durable before anything is started. */
  | { readonly type: 'task-starting'; readonly at: number; readonly task: string; readonly attempt: number }
  /** The driver moved on, for example to pulling an image, or further within a phase. */
  | {
      readonly type: 'task-phase';
      readonly at: number;
      readonly task: string;
      readonly phase: ToldPhase;
      /** How far it is, in words. */
      readonly message?: string;
    }
  /** A process or container runs. */
  | {
      readonly type: 'task-running';
      readonly at: number;
      readonly task: string;
      readonly attempt: number;
      readonly handle: Handle;
    }
  /** An attempt failed and another will follow at `retryAt`. */
  | {
      readonly type: 'task-retrying';
      readonly at: number;
      readonly task: string;
      readonly attempt: number;
      readonly reason: FailureReason;
      readonly message: string;
      readonly retryAt: number;
    }
  /** The task is over; never changes again. */
  | { readonly type: 'task-ended'; readonly at: number; readonly task: string; readonly end: TaskEnd }
  /** Somebody or something wants the run, or one task of it, to stop. */
  | {
      readonly type: 'cancel-requested';
      readonly at: number;
      readonly reason: CancelReason;
      readonly task: string | null;
    }
  /** Every task is over. */
  | {
      readonly type: 'run-ended';
      readonly at: number;
      readonly status: RunStatus;
      readonly reason: CancelReason | null;
    };

/** One event of a given type. */
export type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** The phases a driver tells of. That something runs is told by its handle; `running` is to say more of it, or no more. */
export type ToldPhase = 'provisioning' | 'running' | 'deprovisioning';
