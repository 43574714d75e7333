import type { Handle, RunEvent, ToldPhase } from './event.ts';
import type { SpecType } from './extension.ts';
import type { JsonObject } from './json.ts';
import type { Exit } from './run.ts';
import type { TaskUser } from './task-user.ts';
import type { Resources } from './workflow.ts';

/** The two streams a task writes. */
export type Stream = 'stdout' | 'stderr';

/** Time comes from outside. All values are milliseconds. */
export interface Clock {
  /** Wall clock since the epoch: for records. */
  now(): number;
  /** Never goes back: for durations and limits. */
  monotonic(): number;
  /** Calls back once after `ms` of monotonic time; longer than any timer can hold is fine. Returns the way to call it off. */
  after(ms: number, callback: () => void): () => void;
}

/** One attempt of one task, fully rendered: everything a driver needs and nothing more. */
export interface Job {
  readonly runId: string;
  readonly workflow: string;
  /** The task's name as shown, which may hold any character. */
  readonly task: string;
  /** The task's id, unique in the run and safe as the name of a file. */
  readonly taskId: string;
  readonly attempt: number;
  readonly type: string;
  /** The driver's own part of the task, rendered. */
  readonly spec: JsonObject;
  /** The whole environment of the task, OUTPUT_FILE included. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables that nobody chose: they are this machine's, and mean nothing elsewhere. */
  readonly inherited: readonly string[];
  readonly shell: string;
  /** Absolute path of the folder the run's tasks share. */
  readonly workspace: string;
  /** As written, relative to the workspace or absolute; null is the workspace itself. */
  readonly workingDir: string | null;
  readonly files: readonly JobFile[];
  /** Absolute path of a private folder of this attempt, which may not exist yet; the driver makes it when it needs it. */
  readonly scratch: string;
  /** Absolute path the task writes its outputs to; equals `env.OUTPUT_FILE`. */
  readonly outputFile: string;
  /** Where the task may leave a result, relative to its working folder; null when it says nothing. */
  readonly resultFile: string | null;
  /** Absolute path of the payload of the trigger, as in RUNNER_EVENT_PATH. */
  readonly eventPath: string;
  readonly resources: Resources;
}

/** An injected file, rendered. */
export interface JobFile {
  readonly path: string;
  readonly mode: number;
  readonly content:
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    | { readonly kind: 'source'; readonly path: string };
}

/** What a driver gets besides the job. */
export interface DriverIO {
  /** Aborts when the attempt must end: timeout, cancel, stop. `reason` is an `EndRequest`. */
  readonly signal: AbortSignal;
  /**
   * Takes a chunk a task wrote. The chunk may be reused by the caller after the call (or the promise) is done. When a promise
   * comes back, the driver stops reading that stream until it resolves.
   */
  write(stream: Stream, chunk: Uint8Array): void | Promise<void>;
  /** Whether a text holds something that must not show. */
  isSecret?(text: string): boolean;
  /**
   * Says that the attempt is being provisioned or cleaned up and, in words, how far that is; or, of one that was `started`, what is to be
   * said of it. Each call is kept: make few.
   */
  phase(phase: ToldPhase, message?: string): void;
  /** Says that something runs; resolves when the handle is durable. */
  started(handle: Handle): Promise<void>;
  /** How the output is masked and kept; for those who do that themselves, and then never call `write`. */
  readonly capture?: Capture;
}

/** What it takes to mask the output of an attempt and keep it where it is read, without the process that asked for it. */
export interface Capture {
  readonly runId: string;
  /** Absolute path of the log, which does not exist yet. */
  readonly logPath: string;
  readonly maxLogBytes: number;
  /** Everything known by now that must not show. The run's captures share what they learn. */
  readonly secrets: readonly string[];
  /** Where the task writes its outputs, and the name it has in the file. */
  readonly outputFile: string;
  readonly task: string;
  /** Names of the exports whose values must not show as soon as they are written. */
  readonly confidential: readonly string[];
}

/** The reason of an abort: how long a task may take to end by itself. */
export interface EndRequest {
  /** Milliseconds between asking (TERM) and forcing (KILL); 0 forces at once. */
  readonly graceMs: number;
  /** Aborts when there is no more patience: force at once. */
  readonly hurry: AbortSignal;
}

/**
 * How the templates in one key of a spec are treated: bound into a script or command, rendered as text, rendered and what comes out
 * rendered again over the imports, or left alone.
 */
export type TemplateUse = 'command' | 'text' | 'twice' | 'literal';

/** One mistake found by a schema: where in the data, and what. The shape of ajv's errors. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  readonly schemaPath: string;
}

/** What the loader must know about a task type. */
export interface TaskType extends SpecType {
  /** Per key of the spec; keys not listed are `text`. */
  readonly templates: Readonly<Record<string, TemplateUse>>;
  /** Keys of a task that mean nothing for this type; writing one is a mistake. */
  readonly without?: readonly string[];
  /** Its tasks run other workflows: `spec.workflow` with `spec.inputs`. */
  readonly calls?: boolean;
  /** The only names its tasks can export; left out where the tasks themselves decide. */
  readonly exports?: readonly string[];
  /** What a script without `shell:` is read as; left out by those who use the shell of this machine. */
  readonly scriptDialect?: 'bash' | 'sh';
  /** Whether it keeps the bounds of `resources:`. */
  readonly bounds?: boolean;
  /** Whether exports are confidential where the file does not say otherwise. */
  readonly confidential?: boolean;
}

/** What a driver is given by the program it is part of. */
export interface DriverPorts {
  readonly spawner: Spawner;
  /** The PATH that decides which shells there are. */
  readonly path: string;
  /** Who tasks run as; null or nothing is the program's own user. */
  readonly user?: TaskUser | null;
}

/** A task type and the way to its driver: how every driver comes into the program, ours and those of plugins. */
export interface DriverEntry {
  readonly type: TaskType;
  create(ports: DriverPorts): Driver;
}

/** A plugin that is not used, and why. */
export interface BrokenPlugin {
  readonly name: string;
  /** Where it stands, as it is shown. */
  readonly file: string;
  /** One line. */
  readonly reason: string;
  /** A stack or last words; may be empty. */
  readonly details: string;
}

/** Executes the tasks of one type. */
export interface Driver extends TaskType {
  /** Changes whenever the same job could come to another result; results of other versions are not reused. */
  readonly version?: string;
  /**
   * What a result rests on besides the job, such as the content of its image; results that rest on something else are not reused.
   * Empty when it cannot be told.
   */
  foundation?(job: Job, signal: AbortSignal): Promise<string>;
  /**
   * Runs one job to its end. Resolves however it ends, also after `io.signal` aborts, once nothing it started is left.
   * Rejects only when the driver itself is broken.
   */
  run(job: Job, io: DriverIO): Promise<Exit>;
  /**
   * Takes up a job that an earlier daemon began: attends it to its end, or finds out how it ended. `handle` is null when the
   * daemon died before it was durable. Resolves with reason `lost` when neither is possible; then nothing of it is left.
   */
  recover?(job: Job, handle: Handle | null, io: DriverIO): Promise<Exit>;
  /** False when its tasks only wait for others, and so take no place among those that run at once. */
  readonly takesPlace?: boolean;
  /** Why it cannot be used here, or undefined. */
  check?(): Promise<string | undefined>;
}

/** A process to start. */
export interface Spawn {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  /** Unique. Every process with this `NAME=value` in its environment belongs to the task and is ended with it. */
  readonly mark: string;
  /** Who it runs as; without one, as whoever starts it. */
  readonly user?: TaskUser;
}

/** Starts processes and sees them, and all they started, to their end. */
export interface Spawner {
  run(spawn: Spawn, io: SpawnIO): Promise<Exit>;
  /**
   * Attends what was started with this mark by an earlier user of the same spawner, to its end. Resolves with reason `lost` when
   * nobody knows how it ended; then no process of it is left. Left out by spawners that do not outlive their user.
   */
  attend?(mark: string, handle: Handle | null, io: SpawnIO): Promise<Exit>;
}

/** What a spawner needs of a driver's caller. */
export type SpawnIO = Pick<DriverIO, 'signal' | 'write' | 'started' | 'capture'>;

/** Takes the events of a run in order. */
export interface EventSink {
  append(event: RunEvent): void;
}
