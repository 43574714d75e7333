import type { FiringRecord } from '../../model/firing.ts';
import type { JsonObject } from '../../model/json.ts';
import { MANUAL_FIRING } from '../../model/manual-firing.ts';
import type { Firing, TaskEnd } from '../../model/run.ts';
import type { AuditRecord, DeliveryRecord, ParentTask, RunRecord } from '../../model/state-store.ts';
import type { Occasion, TriggerState } from '../../model/trigger.ts';
import type { TriggerEntry, Workflow } from '../../model/workflow.ts';
import { resolveInputs } from '../inputs.ts';

/** A workflow that cannot run, and why in words. */
export interface BrokenWorkflow {
  readonly id: string;
  readonly problem: string;
}

/** What every wish says about where it comes from; the same as in the record of its decision. */
type Origin = Pick<FiringRecord, 'trigger' | 'kind' | 'key' | 'dueAt' | 'count' | 'initiator'>;

/** A wish that was refused before it came to the gate, and is only to be recorded. */
export interface RefusedWish extends Origin {
  readonly workflow: Pick<Workflow, 'id'>;
  readonly refused: {
    readonly reason: 'missed' | 'filtered' | 'duplicate' | 'limit' | 'disk-full';
    readonly message: string;
    /** Of a duplicate: the run of the first. */
    readonly run?: string | null;
  };
}

/** A wish to run a workflow. */
export interface FireWish extends Origin {
  readonly workflow: Workflow | BrokenWorkflow;
  readonly firing: Firing;
  readonly inputs: JsonObject;
  readonly env: Readonly<Record<string, string>>;
  readonly only: readonly string[] | null;
  /** What to do while an earlier run of the workflow is not over. */
  readonly overlap: Occasion['overlap'];
  readonly withSecrets: boolean;
  /** The run it repeats, and the tasks that ended there and stand, by name. */
  readonly repeats: { readonly run: string; readonly kept: ReadonlyMap<string, TaskEnd> } | null;
  /** The task that calls it, and the concurrency groups of the runs around it, which hold for it too. */
  readonly call?: { readonly parent: ParentTask; readonly groups: readonly string[] };
}

/** What comes to the gate. */
export type Wish = FireWish | RefusedWish;

/** Wishes that are decided together, and what becomes durable with them. */
export interface Request {
  readonly wishes: readonly Wish[];
  readonly triggerStates?: readonly {
    readonly workflow: string;
    readonly trigger: string;
    readonly state: TriggerState;
  }[];
  /** They come again, as deliveries do: of what a limit of the daemon keeps from its run only that is recorded. */
  readonly comesAgain?: boolean;
  /** The delivery they come from; the runs that are made are added to it. */
  readonly delivery?: Omit<DeliveryRecord, 'runs'>;
  readonly audits?: readonly AuditRecord[];
}

/** What was made of a wish. */
export interface FireOutcome {
  /** Of a duplicate: the earlier decision. */
  readonly firing: FiringRecord;
  /** The run that was made. */
  readonly run: RunRecord | null;
  readonly isDuplicate: boolean;
}

/** Whether a limit of the daemon is all that stands against a wish. */
export function isBeyondLimits({ firing, isDuplicate }: FireOutcome): boolean {
  return !isDuplicate && (firing.reason === 'limit' || firing.reason === 'disk-full');
}

/** The name that stands for the trigger when somebody fires a workflow by hand. */
export const BY_HAND = 'manual';

/** The name that stands for the trigger when a task calls a workflow. */
export const BY_CALL = 'workflow';

/** A wish of somebody who asks for a run here and now; what is left out is nothing special. */
export function manualWish(
  workflow: FireWish['workflow'],
  initiator: string,
  wanted: Partial<Pick<FireWish, 'firing' | 'inputs' | 'env' | 'only' | 'withSecrets' | 'repeats'>> = {},
): FireWish {
  return {
    workflow,
    initiator,
    trigger: BY_HAND,
    kind: BY_HAND,
    key: null,
    dueAt: null,
    count: 1,
    firing: MANUAL_FIRING,
    inputs: {},
    env: {},
    only: null,
    overlap: 'allow',
    withSecrets: true,
    repeats: null,
    ...wanted,
  };
}

/** The wish a trigger's occasion stands for. Nobody is there to choose inputs: they take their defaults. */
export function occasionWish(
  workflow: FireWish['workflow'],
  entry: TriggerEntry,
  { key, dueAt, count, overlap, verdict }: Occasion,
  initiator: string,
): Wish {
  const origin = { trigger: entry.identity, kind: entry.kind, key, dueAt, count, initiator };
  if (verdict.kind === 'skip') {
    const { reason, message } = verdict;
    return { ...origin, workflow, refused: { reason, message } };
  }
  const { firing, withSecrets } = verdict;
  const rest = { firing, overlap, withSecrets, env: {}, only: null, repeats: null };
  if (isBroken(workflow)) return { ...origin, ...rest, workflow, inputs: {} };
  const inputs = resolveInputs(workflow.inputs, new Map());
  if (inputs.ok) return { ...origin, ...rest, workflow, inputs: inputs.values };
  return { ...origin, ...rest, workflow: { id: workflow.id, problem: inputs.problems.join('; ') }, inputs: {} };
}

/** Whether there is nothing to run. */
export function isBroken(workflow: FireWish['workflow']): workflow is BrokenWorkflow {
  return 'problem' in workflow;
}
