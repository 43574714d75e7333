import type { SkipCause } from './firing.ts';
import type { Reason, RunStatus, TaskStatus } from './reason.ts';

/** Something countable that happened in a daemon, for its metrics. Told after it is durable. */
export type Observation =
  /** A trigger decided. `latenessMs` is how long after its time; null where nothing was due. `count` is how many slots it stands for. */
  | {
      readonly kind: 'firing';
      readonly decision: 'fired' | 'skipped';
      readonly reason: SkipCause | null;
      readonly latenessMs: number | null;
      readonly count: number;
    }
  | { readonly kind: 'run-ended'; readonly status: RunStatus }
  | { readonly kind: 'task-ended'; readonly status: TaskStatus; readonly reason: Reason | null }
  /** Somebody was to be told of the end of a run: `told`, `failed` and tried again, or `given-up`. */
  | { readonly kind: 'notice'; readonly outcome: 'told' | 'failed' | 'given-up' }
  /** Output of a task that its log did not keep. */
  | { readonly kind: 'output-dropped'; readonly bytes: number };
