import type { RunEvent } from '../model/event.ts';
import type { Clock, Driver, Stream } from '../model/ports.ts';
import type { Task } from '../model/workflow.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import type { CachePorts } from './cache/cache-request.ts';
import type { SecretValues } from './context.ts';

/** Where the output of one attempt goes: masked, logged, shown. */
export interface AttemptOutput {
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
export type RenderPorts = Pick<RunPorts, 'paths' | 'secretValues' | 'masks' | 'hostEnv' | 'runtimeEnv'>;

/** Everything a run takes from outside. */
export interface RunPorts {
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly clock: Clock;
  readonly paths: RunPaths;
  /** Most tasks at once; the workflow's own bound is applied by the engine. */
  readonly maxParallel: number;
  /** Values of the secrets the workflow declares. */
  readonly secretValues: SecretValues;
  /** What must not show anywhere. Grows while the run goes on. */
  readonly masks: SecretSet;
  readonly hostEnv: ReadonlyMap<string, string>;
  /** `--env` and what a trigger brings. */
  readonly runtimeEnv: ReadonlyMap<string, string>;
  /** A number from 0 to 1, for the jitter of retries. */
  random(): number;
  /** Time between asking a task to end and forcing it, in ms. */
  readonly graceMs: number;
  /** Opens the cache of this run, the same one at every call; left out, every task runs. */
  readonly cache?: () => Promise<CachePorts>;
  openOutput(task: Task, attempt: number): AttemptOutput;
  /** Takes the events of one tick, in order, before anything follows from them. */
  commit(events: readonly RunEvent[]): void | Promise<void>;
}
