import type { RunEvent } from './event.ts';
import type { FiringRecord } from './firing.ts';
import type { CancelReason, RunStatus } from './reason.ts';
import type { RunHeader } from './run.ts';
import type { TriggerState } from './trigger.ts';

/** The text a run was made from, kept once for all runs that share it. */
export interface Definition {
  /** SHA-256 of workflow id and text, in hex. */
  readonly hash: string;
  readonly workflow: string;
  /** The path as shown in diagnostics. */
  readonly file: string;
  readonly text: string;
}

/** The task that called a run. */
export interface ParentTask {
  readonly run: string;
  /** Its name as shown. */
  readonly task: string;
  /** How many runs are around this one. */
  readonly depth: number;
  /** The workflow all began with: the run sees the secrets that are open to it. */
  readonly rights: string;
}

/** A run at a glance: what lists show, and what is needed to take the run up again. Rewritten together with its events. */
export interface RunRecord {
  /** Without the payload, which stands in the first event only. */
  readonly header: Omit<RunHeader, 'firing'>;
  readonly trigger: { readonly kind: string; readonly event: string; readonly branch: string; readonly sender: string };
  readonly status: 'queued' | 'running' | RunStatus;
  readonly reason: CancelReason | null;
  /** Hash of its `Definition`. */
  readonly definition: string;
  /** The rendered concurrency group; null takes part in none. */
  readonly group: string | null;
  /** Starts only once every earlier run of its workflow is over. */
  readonly serial?: true;
  /** Variables that came with the wish to run. */
  readonly env: Readonly<Record<string, string>>;
  /** False for runs that must not see secrets, such as those of a fork's pull request. */
  readonly withSecrets: boolean;
  /** Who asked: `schedule`, `webhook`, `plugin`, `cli`, `api`, `rerun`, `workflow`. */
  readonly initiator: string;
  /** The firing that made it. */
  readonly firing: string;
  /** The run it repeats, or null. */
  readonly rerunOf: string | null;
  /** Left out of runs that no task called. */
  readonly parent?: ParentTask;
  /** Somebody is to be told of its end, and has not been. */
  readonly untold?: true;
  /** ms since the epoch, or null while that has not happened. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** Changes that become durable together or not at all. Each method adds one and returns the batch. */
export interface StateBatch {
  /** A run with its first events; also takes its number. */
  createRun(record: RunRecord, events: readonly RunEvent[]): this;
  /** More events of a run; `expectedSeq` is how many it has. @throws when it has another number: two are writing. */
  append(run: string, expectedSeq: number, events: readonly RunEvent[]): this;
  /** The record of a run as it is after the events of this batch. */
  updateRun(record: RunRecord): this;
  keepDefinition(definition: Definition): this;
  recordFiring(firing: FiringRecord): this;
  setTriggerState(workflow: string, trigger: string, state: TriggerState | null): this;
  /** null is the whole daemon. */
  setPaused(workflow: string | null, paused: boolean): this;
  /** A delivery that was taken in. */
  recordDelivery(delivery: DeliveryRecord): this;
  /** One line of the audit trail. */
  recordAudit(audit: AuditRecord): this;
  /** What a run takes on the disk, measured once it is over. Forgotten with the run. */
  setRunSize(run: string, bytes: number): this;
  /** Takes a run with its events away. Its definition goes when no run is left that uses it. */
  deleteRun(run: string): this;
  commit(): Promise<void>;
}

/** A webhook delivery that was answered with success. */
export interface DeliveryRecord {
  readonly source: string;
  readonly id: string;
  readonly event: string;
  /** SHA-256 of the raw body, in hex. */
  readonly bodyHash: string;
  readonly at: number;
  /** Runs it made. */
  readonly runs: readonly string[];
}

/** Who did what from where. */
export interface AuditRecord {
  readonly at: number;
  /** `cli`, `api`, `page`, `webhook`, `daemon`. */
  readonly actor: string;
  /** `run.start`, `run.cancel`, `secret.set`, … */
  readonly action: string;
  readonly subject: string;
  readonly result: string;
}

/** One line of the audit trail, and which: they are counted from 1. */
export interface NumberedAudit extends AuditRecord {
  readonly number: number;
}

/** Which runs to list, newest first. */
export interface RunQuery {
  readonly workflow?: string;
  readonly status?: RunRecord['status'];
  /** Created at or after, ms since the epoch. */
  readonly since?: number;
  /** Only runs older than this id, for the next page. */
  readonly before?: string;
  readonly limit: number;
}

/** The durable state of a daemon. What `get`-like methods return includes changes on their way to the disk. */
export interface StateStore {
  batch(): StateBatch;
  run(id: string): RunRecord | undefined;
  /** Resolves a whole id or an unambiguous beginning of one (8 characters at least). */
  findRun(id: string): Promise<readonly string[]>;
  /** Runs, newest first, and whether there are more. */
  runs(query: RunQuery): Promise<{ readonly runs: readonly RunRecord[]; readonly more: boolean }>;
  /** Runs that are queued or running, oldest first. */
  unfinishedRuns(): Promise<readonly RunRecord[]>;
  /** Ids of the runs that are over and of whose end somebody has not been told, oldest first. */
  untoldRuns(): Promise<readonly string[]>;
  /** All events of a run from `from` on (0 is the first), in order. */
  events(run: string, from?: number): Promise<readonly RunEvent[]>;
  /** What the events of a run take, its payload included, in bytes of JSON: the disk may hold them packed. */
  journalBytes(run: string): Promise<number>;
  /** The JSON of a payload that is too large to be held for as long as its run lasts; undefined of all others. */
  payloadText(run: string): string | undefined;
  /** The number the next run of a workflow gets, from 1. */
  nextNumber(workflow: string): number;
  definition(hash: string): Definition | undefined;
  /** The firing that was decided for an occasion, or undefined. */
  firingOf(workflow: string, trigger: string, key: string): FiringRecord | undefined;
  /** Firings, newest first by the time they were decided; only those up to `until` when given. */
  firings(query: {
    readonly workflow?: string;
    readonly until?: number;
    readonly limit: number;
  }): Promise<readonly FiringRecord[]>;
  triggerState(workflow: string, trigger: string): TriggerState | undefined;
  /** Every trigger state, by workflow and identity. */
  triggerStates(): Promise<ReadonlyMap<string, ReadonlyMap<string, TriggerState>>>;
  /** Every workflow of which some trigger state is remembered, by id. */
  triggeredWorkflows(): Promise<readonly string[]>;
  isPaused(workflow: string | null): boolean;
  delivery(source: string, id: string): DeliveryRecord | undefined;
  /** The newest delivery with this body. */
  deliveryOfBody(source: string, bodyHash: string): DeliveryRecord | undefined;
  /** The audit trail, newest first; only lines before the one with that number when given. */
  audits(query: { readonly before?: number; readonly limit: number }): Promise<readonly NumberedAudit[]>;
  /** Every workflow that ever had a run, by id. */
  workflows(): Promise<readonly string[]>;
  /** Runs that are over, the one that ended first at the head: what retention takes away. */
  endedRuns(query: EndedQuery): Promise<readonly RunRecord[]>;
  /** All runs that are over, in no order, without reading their records: what retention plans with. */
  keptRuns(): Promise<readonly KeptRun[]>;
  /**
   * Takes away what is remembered for a time only: deliveries after 7 days or beyond the newest 50,000, firings after 90 days,
   * audit records beyond the newest 10,000. `now` is ms since the epoch. Resolves to how many there were.
   */
  forget(now: number): Promise<number>;
}

/** Which of the runs that are over to list. */
export interface EndedQuery {
  readonly workflow?: string;
  /** Ended at or before, ms since the epoch. */
  readonly until?: number;
  /** Not the newest so many of those the query is about. */
  readonly keep?: number;
  readonly limit: number;
}

/** A run that is over, as far as retention must know it. */
export interface KeptRun {
  readonly id: string;
  readonly workflow: string;
  /** ms since the epoch. */
  readonly endedAt: number;
  /** What its folder takes on the disk, and its events; null while that has not been measured. */
  readonly bytes: number | null;
}
