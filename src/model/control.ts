import type {
  AuditList,
  Finding,
  FiringList,
  Health,
  LiveEvent,
  LogPart,
  NextList,
  PruneReport,
  RekeyReport,
  RerunRequest,
  RunCreated,
  RunDetail,
  RunList,
  RunRequest,
  SecretList,
  SecretRequest,
  TaskDetail,
  WorkflowList,
  WorkflowView,
} from './api.ts';
import type { Delivery } from './trigger.ts';

/** Who asks, for the audit trail: the way it came in, and from where. */
export interface Caller {
  readonly actor: 'cli' | 'api' | 'page' | 'webhook';
  readonly address: string;
}

/** What a wish from outside can fail with; `status` is the HTTP status it answers. */
export const CONTROL_ERRORS = {
  'bad-request': 400,
  'unknown-workflow': 404,
  'unknown-run': 404,
  'unknown-task': 404,
  'unknown-secret': 404,
  'no-log': 404,
  'bad-inputs': 400,
  'invalid-workflow': 409,
  overlap: 409,
  'already-ended': 409,
  conflict: 409,
  draining: 503,
  'queue-full': 503,
  'disk-full': 503,
} as const;

/** A stable name of an error, documented in `docs/api.md`. */
export type ControlErrorCode = keyof typeof CONTROL_ERRORS;

/** A wish that cannot be granted, in words for the user. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What became of a delivery. */
export interface DeliveryAnswer {
  /** `accepted` is durable; `known` was accepted before; `replay` has the body of another and was refused. */
  readonly outcome: 'accepted' | 'known' | 'replay';
  readonly runs: readonly string[];
  /** What each trigger that looked at it decided, in words. */
  readonly decisions: readonly string[];
}

/**
 * All that can be asked of a running daemon: what the HTTP API offers to the command line, the page and other programs. Every method
 * may reject with a `ControlError`.
 */
export interface Control {
  workflows(): Promise<WorkflowList>;
  workflow(id: string): Promise<WorkflowView>;
  /** Resolves once the run is durable, not once it has begun. */
  fire(workflow: string, request: RunRequest, caller: Caller): Promise<RunCreated>;
  runs(query: {
    workflow?: string;
    status?: string;
    /** ms since the epoch. */
    since?: number;
    before?: string;
    limit: number;
  }): Promise<RunList>;
  /** `id` may be a beginning of one. When `waitMs` is given, answers once the run has ended, or that much later. */
  run(id: string, waitMs: number): Promise<RunDetail>;
  task(run: string, task: string): Promise<TaskDetail>;
  /** The text of the file a run was made from. */
  definition(run: string): Promise<string>;
  cancel(run: string, task: string | null, caller: Caller): Promise<void>;
  rerun(run: string, request: RerunRequest, caller: Caller): Promise<RunCreated>;
  /** `offset` -1 is the end. `attempt` null is the newest. Waits up to `waitMs` for something new at the offset. */
  log(run: string, task: string, attempt: number | null, offset: number, waitMs: number): Promise<LogPart>;
  firings(query: { workflow?: string; until?: number; limit: number }): Promise<FiringList>;
  /** Who did what, newest first; `since` is ms since the epoch, `before` a number. */
  audits(query: { since?: number; before?: number; limit: number }): Promise<AuditList>;
  /** The next `count` times of a workflow, or of each; soonest first. */
  next(workflow: string | null, count: number): Promise<NextList>;
  /** null is the whole daemon. */
  setPaused(workflow: string | null, paused: boolean, caller: Caller): Promise<void>;
  /** No new run starts from now on; resolves at once. */
  drain(caller: Caller): Promise<void>;
  secrets(): Promise<SecretList>;
  setSecret(name: string, request: SecretRequest, caller: Caller): Promise<void>;
  deleteSecret(name: string, scope: string | null, caller: Caller): Promise<void>;
  /** Seals every secret with a new key. */
  rekey(caller: Caller): Promise<RekeyReport>;
  prune(dryRun: boolean, caller: Caller): Promise<PruneReport>;
  /** Writes a copy of the state to a folder that does not exist yet. */
  backup(folder: string, caller: Caller): Promise<void>;
  doctor(): Promise<readonly Finding[]>;
  health(): Health;
  /** Whether everything is in place to take work; the reason when it is not. */
  readiness(): string | null;
  /** Takes in a genuine delivery; resolves once it and what follows from it are durable. */
  deliver(delivery: Delivery, bodyHash: string): Promise<DeliveryAnswer>;
  /** Tells of every change from now on. Returns the way to stop. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
}
