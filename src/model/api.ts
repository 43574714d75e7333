/**
 * The shapes of the HTTP API: what the server answers and the command line reads. Times are ISO 8601 in UTC, null while they have
 * not come; the OpenAPI document is held against these by a test.
 */
import type { Json, JsonObject } from './json.ts';
import type { CancelReason, RunStatus } from './reason.ts';
import type { RunResult, TaskResult } from './run.ts';

/** `armed`: fires. `paused`: only by hand. `stale`: the file is broken, the last good version is armed. `invalid`: nothing to run. */
export type WorkflowState = 'armed' | 'paused' | 'stale' | 'invalid';

export interface DiagnosticView {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly hint: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface WorkflowView {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly file: string;
  readonly state: WorkflowState;
  /** Whether it was paused, whatever its state. */
  readonly paused: boolean;
  readonly diagnostics: readonly DiagnosticView[];
  readonly inputs: readonly InputView[];
  readonly triggers: readonly { readonly kind: string; readonly identity: string; readonly spec: JsonObject }[];
  readonly next_at: string | null;
  readonly last_run: RunView | null;
}

export interface InputView {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean';
  readonly description: string;
  readonly required: boolean;
  readonly default: Json;
  readonly values: readonly Json[] | null;
}

/** The folder of workflows as a whole; `degraded` when it cannot be read, and why. */
export interface WorkflowList {
  readonly workflows: readonly WorkflowView[];
  readonly degraded: string | null;
  /** Whether the whole daemon is paused. */
  readonly paused: boolean;
  /** Whether it starts nothing until it is started again. */
  readonly draining: boolean;
}

export interface RunRequest {
  /** Text, as on a command line, or of the declared type. */
  readonly inputs?: JsonObject;
  readonly env?: Readonly<Record<string, string>>;
  readonly only?: readonly string[];
  /** Seen as `trigger.payload`. */
  readonly payload?: JsonObject;
}

export interface RunCreated {
  readonly id: string;
  readonly number: number;
  readonly status: 'queued' | 'running' | RunStatus;
}

export interface RunView extends RunCreated {
  readonly workflow: string;
  readonly reason: CancelReason | null;
  readonly trigger: { readonly kind: string; readonly event: string; readonly branch: string; readonly sender: string };
  readonly initiator: string;
  readonly rerun_of: string | null;
  /** The task that called it. */
  readonly parent: { readonly run: string; readonly task: string } | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

export interface RunList {
  readonly runs: readonly RunView[];
  /** Whether older ones were left out; ask again with `before` the last id. */
  readonly more: boolean;
}

/** The Task Group Result with what is known of the run. While it goes on, `results` holds the tasks that have ended. */
export interface RunDetail extends RunView, Pick<RunResult, 'results'> {
  /** What a queued run waits for, in words. */
  readonly waits_for: string | null;
  readonly tasks: readonly TaskView[];
  readonly inputs: JsonObject;
  /** The text of the file it was made from. */
  readonly definition: { readonly hash: string; readonly file: string };
}

export interface TaskView {
  readonly name: string;
  readonly id: string;
  readonly type: string;
  readonly phase: string;
  readonly attempt: number;
  readonly status: string | null;
  readonly reason: string | null;
  /** Why it ended so or, while it goes on, how far its phase is. */
  readonly message: string | null;
  readonly needs: readonly string[];
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

export interface TaskDetail extends TaskView {
  readonly run: string;
  readonly result: TaskResult | null;
  /** The environment of its newest attempt; null where it cannot be told any more. */
  readonly environment: readonly { readonly name: string; readonly value: string; readonly source: string }[] | null;
  /** Numbers of the attempts that have a log. */
  readonly logs: readonly number[];
}

export interface RerunRequest {
  /** Only what failed and what depends on it. */
  readonly failed?: boolean;
  /** This task and what depends on it. */
  readonly from?: string;
  /** The file as it was (default) or as it is now. */
  readonly definition?: 'same' | 'current';
}

export interface FiringView {
  readonly at: string;
  readonly workflow: string;
  readonly trigger: string;
  readonly kind: string;
  readonly due_at: string | null;
  readonly decision: 'fired' | 'skipped';
  readonly reason: string | null;
  readonly message: string;
  readonly run: string | null;
  /** As people name it, `release#7`; null also when it is forgotten. */
  readonly run_name: string | null;
  readonly count: number;
  readonly initiator: string;
}

/** A time at which the wall clock did not go on as time does. */
export interface ClockJumpView {
  /** By the clock as it is since. */
  readonly at: string;
  /** From when to when, in a sentence. */
  readonly message: string;
}

export interface FiringList {
  readonly firings: readonly FiringView[];
  /** In the time of those firings, newest first. */
  readonly clock_jumps: readonly ClockJumpView[];
  readonly more: boolean;
}

/** One line of the audit trail: who did what, to what, from where. */
export interface AuditView {
  /** Counted from 1. */
  readonly number: number;
  readonly at: string;
  /** `cli`, `api`, `page`, `daemon`. */
  readonly actor: string;
  /** An address, `socket`, or nothing. */
  readonly from: string;
  readonly action: string;
  readonly subject: string;
}

export interface AuditList {
  readonly audits: readonly AuditView[];
  /** Whether older ones were left out; ask again with `before` the last number. */
  readonly more: boolean;
}

export interface NextList {
  readonly next: readonly {
    readonly workflow: string;
    readonly kind: string;
    readonly trigger: string;
    readonly at: string;
    /** Empty, or what is odd about this time. */
    readonly note: string;
  }[];
}

/** A part of a log. */
export interface LogPart {
  readonly bytes: Uint8Array;
  /** Where it begins. */
  readonly offset: number;
  /** Of the log as it is now. */
  readonly size: number;
  /** Whether nothing will be added any more. */
  readonly complete: boolean;
}

export interface SecretRequest {
  readonly value: string;
  readonly workflow?: string;
  readonly namespace?: string;
  /** Patterns of workflow ids that may read it. */
  readonly allow?: readonly string[];
}

export interface SecretView {
  readonly name: string;
  /** `global`, `workflow:ID`, `namespace:NAME`. */
  readonly scope: string;
  readonly allow: readonly string[];
  readonly updated_at: string;
}

export interface SecretList {
  readonly secrets: readonly SecretView[];
}

/** How many secrets are sealed with the new key. */
export interface RekeyReport {
  readonly secrets: number;
}

export interface PruneReport {
  readonly runs: number;
  readonly bytes: number;
  readonly dry_run: boolean;
}

/** One finding of `doctor`. */
export interface Finding {
  readonly name: string;
  readonly level: 'ok' | 'warning' | 'error';
  readonly message: string;
}

export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  readonly pid: number;
  readonly started_at: string;
  readonly problems: readonly string[];
  readonly running: number;
  readonly queued: number;
  readonly paused: boolean;
  readonly draining: boolean;
}

/** Every error of the API. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly request_id: string;
}

/** What `events` (SSE) sends: one change of a run, without payloads and values. */
export interface LiveEvent {
  readonly type: string;
  readonly at: string;
  readonly workflow: string;
  readonly run: string | null;
  readonly task: string | null;
  /** The new phase or status, with its reason. */
  readonly status: string | null;
  readonly reason: string | null;
  /** How far the phase is, in words. */
  readonly message: string | null;
}
