import type { Json, JsonObject } from './json.ts';
import type { CancelReason, FailureReason, Reason, RunStatus, SkipReason, TaskStatus } from './reason.ts';

/** A value that left a task. */
export interface Output {
  readonly value: string;
  readonly confidential: boolean;
  readonly scope: 'local' | 'global';
}

/** Outputs by name. */
export type Outputs = Readonly<Record<string, Output>>;

/** Values a driver itself has for the exports of a task, by name. */
export type DriverOutputs = Readonly<Record<string, { readonly value: string; readonly confidential: boolean }>>;

/** How one attempt of a task's process, container or call ended. Resolved by drivers, also after an abort. */
export type Exit =
  | { readonly kind: 'exited'; readonly code: number; readonly notes?: readonly string[] }
  | { readonly kind: 'signaled'; readonly signal: string; readonly notes?: readonly string[] }
  /** What was to be done is done, without a process that could have an exit code. */
  | { readonly kind: 'done'; readonly outputs: DriverOutputs; readonly notes?: readonly string[] }
  /** It was ended by somebody else than its own run. */
  | {
      readonly kind: 'cancelled';
      readonly reason: CancelReason;
      readonly message: string;
      readonly notes?: readonly string[];
    }
  /** There was nothing to be done, since another is at it. */
  | { readonly kind: 'skipped'; readonly message: string; readonly notes?: readonly string[] }
  /** Nothing ran, or the machinery failed; `message` says what and where. */
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string };

/** The end of a task: only what exists in that end. */
export type TaskEnd =
  | {
      readonly status: 'success';
      readonly exitCode: number | null;
      readonly outputs: Outputs;
      readonly cached: boolean;
      /** Which run a cached result is from. */
      readonly origin?: ResultOrigin;
      readonly result?: TaskResultText;
      readonly notes?: readonly string[];
    }
  | {
      readonly status: 'failed';
      readonly reason: FailureReason;
      readonly exitCode: number | null;
      readonly message: string;
      readonly outputs: Outputs;
      readonly notes?: readonly string[];
    }
  | { readonly status: 'skipped'; readonly reason: SkipReason; readonly message: string }
  | {
      readonly status: 'cancelled';
      readonly reason: CancelReason;
      readonly message: string;
      readonly exitCode: number | null;
      readonly notes?: readonly string[];
    };

/** The run that made a result, and when, in ms since the epoch. */
export interface ResultOrigin {
  readonly run: string;
  readonly at: number;
}

/** What a task left in its `result_file`. */
export interface TaskResultText {
  readonly text: string;
  /** True when the file was longer than what is kept. */
  readonly truncated: boolean;
}

/** Where a task stands. Each phase holds only what exists in it. */
export type TaskState =
  | { readonly phase: 'pending' }
  | { readonly phase: 'queued' }
  | { readonly phase: 'waiting'; readonly attempt: number; readonly retryAt: number }
  | {
      readonly phase: 'provisioning' | 'starting' | 'running' | 'deprovisioning';
      readonly attempt: number;
      readonly since: number;
      /** How far the phase is, in words. */
      readonly message?: string;
    }
  | {
      readonly phase: 'done';
      readonly end: TaskEnd;
      readonly attempts: number;
      /** Milliseconds from the first attempt's start to the end; 0 when nothing started. */
      readonly durationMs: number;
    };

/** Who or what fired a run, and everything templates see as `trigger`. */
export interface Firing {
  readonly kind: string;
  readonly event: string;
  readonly action: string;
  readonly repository: string;
  readonly branch: string;
  readonly tag: string;
  readonly sha: string;
  readonly sender: string;
  readonly scheduledAt: string;
  readonly payload: Json;
}

/** The facts about a run that are settled when it is made. */
export interface RunHeader {
  /** A time-ordered UUID. */
  readonly id: string;
  /** 1, 2, 3 … per workflow. */
  readonly number: number;
  readonly workflow: string;
  readonly firing: Firing;
  readonly inputs: JsonObject;
  /** Names of the tasks to run, or null for all. A matrix task's name stands for all its instances. */
  readonly only: readonly string[] | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The end of a run. */
export interface RunEnd {
  readonly status: RunStatus;
  readonly reason: Reason | null;
}

/** One line of the result for one task. */
export interface TaskResult {
  readonly id: string;
  readonly name: string;
  readonly status: TaskStatus;
  readonly reason: Reason | null;
  readonly message?: string;
  /** null when nothing ran. */
  readonly exit_code: number | null;
  readonly cached: boolean;
  readonly attempts: number;
  readonly duration_ms: number;
  /** Global exports; confidential values are masked. A matrix task has a list, null for a combination without the export. */
  readonly outputs: Readonly<Record<string, string | readonly (string | null)[]>>;
  /** Of a matrix task: one record for each combination, in order. */
  readonly instances?: readonly TaskInstanceResult[];
  readonly result?: string;
  readonly result_truncated?: boolean;
  readonly notes?: readonly string[];
}

/** The result of one combination of a matrix task. */
export interface TaskInstanceResult extends TaskResult {
  readonly outputs: Readonly<Record<string, string>>;
  readonly matrix: JsonObject;
}

/** The Task Group Result: what `exec --json` prints and the API shows. */
export interface RunResult {
  readonly id: string;
  readonly status: RunStatus;
  readonly reason: Reason | null;
  readonly results: Readonly<Record<string, TaskResult>>;
}
