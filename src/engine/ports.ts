import type { RunEvent } from '../model/event.ts';
import type { Capture, Clock, Driver, Job, Stream } from '../model/ports.ts';
import type { KnownAnswers } from '../model/template.ts';
import type { Task } from '../model/workflow.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import type { CachePorts } from './cache/cache-request.ts';
import type { SecretValues } from './context.ts';
import type { HelperAnswers } from './helper-answers.ts';
import type { Places } from './places.ts';

/** Where the output of one attempt goes: masked, logged, shown. */
export interface AttemptOutput {
  /** For drivers that mask and keep the output themselves. */
  readonly capture?: Capture;
  /** Resolves, when it returns a promise, once the reader has caught up. */
  write(stream: Stream, chunk: Uint8Array): void | Promise<void>;
  /** Writes what was held back; returns remarks about the log, such as dropped bytes. */
  close(): readonly string[];
}

/** The folders a run uses; all absolute. */
export interface RunPaths {
  /** Shared by the tasks of the run; where they start. */
  readonly workspace: string;
  /** Private to the run: output files, scratch folders, the payload. */
  readonly runDir: string;
  /** The file that holds the trigger's payload. */
  readonly eventPath: string;
}

/** What it takes to render the jobs of a run, without running them. */
export interface RenderPorts extends Pick<RunPorts, 'paths' | 'secretValues' | 'masks' | 'hostEnv' | 'runtimeEnv'> {
  readonly helpers?: KnownAnswers;
}

/** Everything a run takes from outside. */
export interface RunPorts {
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly clock: Clock;
  readonly paths: RunPaths;
  /** Joins those who share the program's places; the workflow's own bound is applied by the engine. `wake` as in `Places`. */
  readonly places: (wake: () => void) => Places;
  /** Values of the secrets the workflow declares. */
  readonly secretValues: SecretValues;
  /** What must not show anywhere. Grows while the run goes on. */
  readonly masks: SecretSet;
  /** What helpers of plugins say; left out where there are none. */
  readonly helpers?: HelperAnswers;
  readonly hostEnv: ReadonlyMap<string, string>;
  /** `--env` and what a trigger brings. */
  readonly runtimeEnv: ReadonlyMap<string, string>;
  /** A number from 0 to 1, for the jitter of retries. */
  random(): number;
  /** Time between asking a task to end and forcing it, in ms. */
  readonly graceMs: number;
  /** How long it may take until it is kept that a task runs, so that it goes in one batch with what comes next, in ms; else at once. */
  readonly patienceMs?: number;
  /** Opens the cache of this run, the same one at every call; left out, every task runs. */
  readonly cache?: () => Promise<CachePorts>;
  openOutput(task: Task, job: Job): AttemptOutput;
  /** Clears away what the tasks left behind, once all have ended and before the run has. */
  sweep?(): Promise<void>;
  /** Takes the events of one tick, in order, before anything follows from them. Does not reject: it tries until they are kept. */
  commit(events: readonly RunEvent[]): void | Promise<void>;
}
