import type { RunEvent } from '../model/event.ts';
import type { FiringRecord } from '../model/firing.ts';
import type { Clock } from '../model/ports.ts';
import type { RunHeader } from '../model/run.ts';
import type { Definition, RunRecord, StateStore } from '../model/state-store.ts';
import type { Workflow } from '../model/workflow.ts';
import type { RunPorts } from './ports.ts';

/** The bounds of all runs together. */
export interface SchedulerLimits {
  /** Most runs at once. */
  readonly maxRuns: number;
  /** Most tasks at once, of all runs. */
  readonly maxParallel: number;
  /** Most runs that wait. */
  readonly queueLimit: number;
  /** How long a run may wait, in ms; null is for ever. */
  readonly queueTimeoutMs: number | null;
}

/** What a run is put together with; places and commit are the scheduler's. */
export interface RunHost {
  readonly ports: Omit<RunPorts, 'places' | 'commit'>;
  /** Clears away what belongs to the run alone, once it is over. */
  close(): Promise<void>;
}

/** Hears what has happened, once it is durable. Must not throw. */
export interface SchedulerListener {
  /** Events of a run, with its record after them. */
  events(record: RunRecord, events: readonly RunEvent[]): void;
  firing(firing: FiringRecord): void;
  /** State cannot be written, and why; null once all of it can again. */
  trouble(message: string | null): void;
  /** What a run left behind could not be cleared away; it ends all the same. */
  uncleared(run: string, error: unknown): void;
  /** A run met a fault of our own: it is given up, and what ran of it is lost. */
  broken(run: string, error: unknown): void;
  /** Not even its end could be put down: it stands still until the next start. */
  stuck(run: string, error: unknown): void;
}

/** Everything the scheduler takes from outside. */
export interface SchedulerPorts {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly limits: SchedulerLimits;
  /** Why no run may be made now, such as a disk that is nearly full, or null. */
  full(): string | null;
  /** Compiles the text an earlier run was made from; null when this program cannot read it any more. */
  reload(definition: Definition): Workflow | null;
  /** Puts together what a run needs. Rejects, in words for the user, when the run cannot have it. */
  host(record: RunRecord, header: RunHeader, workflow: Workflow): Promise<RunHost>;
  /** Ends whatever still runs of a run that nobody takes up any more, and clears away what its tasks needed. */
  abandon(run: string): Promise<void>;
  readonly listener: SchedulerListener;
}
