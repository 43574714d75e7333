import type { Call } from './call.ts';
import type { Json, JsonObject } from './json.ts';
import type { NoticeOccasion } from './plugin.ts';
import type { Expression, Spec, Template, Text } from './template.ts';

/** A validated, compiled, immutable workflow file: the plan that runs are made of. */
export interface Workflow {
  /** The path below the folder without extension, `ops/backup`. */
  readonly id: string;
  /** The title; the id when the file gives none. */
  readonly name: string;
  /** The first folder of the id, or empty. */
  readonly namespace: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: WorkflowSource;
  readonly triggers: readonly TriggerEntry[];
  readonly inputs: ReadonlyMap<string, InputDefinition>;
  readonly env: ReadonlyMap<string, Text>;
  /** Names of the secrets this file may read. */
  readonly secrets: readonly string[];
  readonly concurrency: Concurrency | null;
  /** Longest time for the whole run in ms; null is no limit. */
  readonly timeoutMs: number | null;
  /** The first failure cancels the siblings. */
  readonly failFast: boolean;
  /** Most tasks of this run at once; null leaves it to the program. */
  readonly maxParallel: number | null;
  /** In file order, a matrix task as its instances followed by their join; a task's `index` is its position. */
  readonly tasks: readonly Task[];
  /** What its tasks want of other workflows. */
  readonly calls: readonly Call[];
  /** Who is told of its ends. */
  readonly notify: readonly NotifyEntry[];
}

/** Somebody who is told of the ends of runs. */
export interface NotifyEntry {
  /** The notifier's name. */
  readonly type: string;
  readonly when: readonly NoticeOccasion[];
  readonly spec: { readonly [key: string]: Spec };
}

/** Which text a workflow was made from. */
export interface WorkflowSource {
  /** The path as given by whoever loaded it. */
  readonly file: string;
  /** The whole text, kept so that a run can pin its definition. */
  readonly text: string;
}

/** What a parent's end must be for a child to start. */
export type EdgeCondition = 'success' | 'failure' | 'any' | 'always';

/** An edge of the graph, seen from the child. An import makes a `success` edge. */
export interface Edge {
  readonly task: number;
  readonly when: EdgeCondition;
}

/** One node of the graph. */
export interface Task {
  readonly index: number;
  /** As written; for an instance with its combination, `test(os=linux,node=24)`. Unique. */
  readonly name: string;
  /** Unique and safe as the name of a file: the name, for an instance `test.` and six hex digits of its combination. */
  readonly id: string;
  /** What the task is of a matrix; null for an ordinary task. */
  readonly matrix: MatrixRole | null;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The driver's name: `os_exec`, … */
  readonly type: string;
  readonly spec: { readonly [key: string]: Spec };
  readonly parents: readonly Edge[];
  /** Indexes of the tasks that have this one as a parent. */
  readonly children: readonly number[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  readonly condition: Expression | null;
  /** null takes the variable from the host's allow-list. */
  readonly env: ReadonlyMap<string, Text | null>;
  readonly shell: Shell;
  readonly workingDir: Text | null;
  readonly files: readonly InjectedFile[];
  readonly resultFile: Text | null;
  /** Longest time of one attempt in ms. */
  readonly timeoutMs: number;
  readonly retry: Retry;
  readonly continueOnError: boolean;
  /** null runs the task each time. */
  readonly cache: CacheSpec | null;
  /** Bytes of output kept for one attempt. */
  readonly maxLogBytes: number;
  readonly resources: Resources;
}

/** What a task may take of the machine; null leaves it to the driver. */
export interface Resources {
  /** Processors' worth of time, fractions included. */
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
  /** What it may write outside the folders it shares. */
  readonly diskBytes: number | null;
  /** Processes and threads. */
  readonly pids: number | null;
  /** Of `/dev/shm`. */
  readonly shmBytes: number | null;
  /** Files one process may have open. */
  readonly nofile: number | null;
}

/** What a task that says nothing may take. */
export const NO_BOUNDS: Resources = {
  cpu: null,
  memoryBytes: null,
  diskBytes: null,
  pids: null,
  shmBytes: null,
  nofile: null,
};

/**
 * One task of the file with a `matrix` is many here: an instance for each combination, and a join, which runs nothing,
 * ends when all of them have ended, and stands for the whole towards the rest of the graph.
 */
export type MatrixRole =
  | {
      readonly kind: 'instance';
      /** The task's name in the file, which is the join's. */
      readonly of: string;
      /** `os=linux,node=24`: axes in file order. */
      readonly key: string;
      readonly values: JsonObject;
    }
  | {
      readonly kind: 'join';
      /** Indexes of the instances, in the order of the matrix. */
      readonly instances: readonly number[];
      /** Most instances at once; null is no bound of its own. */
      readonly maxParallel: number | null;
    };

/** `default` is bash with pipefail, or sh where there is no bash. */
export type Shell = 'default' | 'bash' | 'sh' | 'dash' | 'python' | 'node';

/** A value read from another task's exports, as `{{ from.variable }}`. */
export interface Import {
  readonly from: string;
  readonly variable: string;
}

/** A value that may leave a task. */
export interface Export {
  readonly name: string;
  readonly confidential: boolean;
  /** `global` also shows in the result. */
  readonly scope: 'local' | 'global';
  readonly optional: boolean;
}

/** A file put in place before a task starts and removed after it. */
export interface InjectedFile {
  /** Below the task's working folder. */
  readonly path: Text;
  readonly content: FileContent;
  /** Permission bits, 0o600 by default. */
  readonly mode: number;
}

/** Where an injected file's bytes come from. */
export type FileContent =
  | { readonly kind: 'text'; readonly text: Text }
  | { readonly kind: 'base64'; readonly data: string }
  | { readonly kind: 'source'; readonly path: Text };

/** How often and when a task is tried again. */
export interface Retry {
  /** All tries, the first included; at least 1. */
  readonly attempts: number;
  readonly delayMs: number;
  /** Factor from one delay to the next; at least 1. */
  readonly backoff: number;
  readonly maxDelayMs: number;
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number;
  /** Failure reasons that are tried again. */
  readonly on: readonly string[];
}

/** When a task's earlier result may stand for running it again. Paths are relative to the task's working folder. */
export interface CacheSpec {
  /** Decides alone which result fits, together with `inputs` and `env`; null lets everything that matters decide. */
  readonly key: Text | null;
  /** Patterns of files the result depends on. */
  readonly inputs: readonly string[];
  /** Names of variables of the task's environment the result depends on, besides those the file sets. */
  readonly env: readonly string[];
  /** Files and folders that belong to the result. */
  readonly paths: readonly string[];
  /** How long a result may be used, in ms; null is for ever. */
  readonly ttlMs: number | null;
}

/** A value a run may choose. */
export interface InputDefinition {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean';
  readonly description: string;
  readonly values: readonly Json[] | null;
  readonly default: string | number | boolean | null;
  readonly required: boolean;
}

/** How runs of the same group get along. */
export interface Concurrency {
  readonly group: Text;
  readonly limit: number;
  readonly onConflict: 'queue' | 'skip' | 'cancel_running';
}

/** One entry under `on:`. */
export interface TriggerEntry {
  readonly kind: string;
  /** The kind plus a hash of the entry: stable while the entry is unchanged. */
  readonly identity: string;
  readonly spec: JsonObject;
}

/** The name a task has in the file: instances of a matrix share theirs. */
export function nameInFile(task: Task): string {
  return task.matrix?.kind === 'instance' ? task.matrix.of : task.name;
}

/** Compiles text that has no template into itself; for callers that take `Text`. */
export function isTemplate(text: Text | null): text is Template {
  return typeof text === 'object' && text !== null;
}
