import type { RunEvent } from '../../model/event.ts';
import type { RunHeader } from '../../model/run.ts';
import type { Definition, RunRecord } from '../../model/state-store.ts';
import type { Workflow } from '../../model/workflow.ts';
import { sha256 } from '../../util/sha256.ts';
import { runContext, workflowContext } from '../context.ts';
import { renderText } from '../environment.ts';
import type { Candidate } from './admission.ts';
import type { FireWish } from './wish.ts';

/** What is settled about a new run before it is known whether there will be one. */
export interface NewRun {
  readonly record: RunRecord;
  readonly definition: Definition;
  /** Its first events: that it exists, and the tasks that another run did for it. */
  readonly events: readonly RunEvent[];
}

/** Describes the run a wish asks for. @throws {TemplateError} when its concurrency group cannot be rendered */
export function newRun(
  wish: FireWish,
  workflow: Workflow,
  facts: { readonly id: string; readonly number: number; readonly firing: string; readonly now: number },
): NewRun {
  const { id, number, now } = facts;
  const header: RunHeader = {
    id,
    number,
    workflow: workflow.id,
    firing: wish.firing,
    inputs: wish.inputs,
    only: wish.only,
    createdAt: now,
  };
  const definition = definitionOf(workflow);
  const { firing, ...brief } = header;
  const { kind, event, branch, sender } = firing;
  const record: RunRecord = {
    header: brief,
    trigger: { kind, event, branch, sender },
    status: 'queued',
    reason: null,
    definition: definition.hash,
    group: groupOf(wish, workflow, header),
    ...(wish.overlap === 'queue' ? { serial: true as const } : {}),
    env: wish.env,
    withSecrets: wish.withSecrets,
    initiator: wish.initiator,
    firing: facts.firing,
    rerunOf: wish.repeats?.run ?? null,
    ...(wish.call ? { parent: wish.call.parent } : {}),
    ...(workflow.notify.length > 0 ? { untold: true as const } : {}),
    startedAt: null,
    endedAt: null,
  };
  return { record, definition, events: [{ type: 'run-created', at: now, run: header }, ...keptEvents(wish, now)] };
}

/** How a run takes part in the admission. */
export function candidateOf(record: RunRecord, workflow: Workflow | null): Candidate {
  const limit = workflow?.concurrency?.limit ?? 1;
  return {
    id: record.header.id,
    workflow: record.header.workflow,
    group: record.group === null ? null : { name: record.group, limit },
    isSerial: record.serial === true,
    isCalled: record.parent !== undefined,
  };
}

function definitionOf(workflow: Workflow): Definition {
  const { file, text } = workflow.source;
  return { hash: sha256(`${workflow.id}\n${text}`), workflow: workflow.id, file, text };
}

/** A called run is within the groups of those around it: it would wait for itself. */
function groupOf({ call }: FireWish, workflow: Workflow, header: RunHeader): string | null {
  if (!workflow.concurrency) return null;
  const context = workflowContext(runContext(workflow, header, new Map()));
  const { text } = renderText(workflow.concurrency.group, context);
  return call?.groups.includes(text) ? null : text;
}

function keptEvents({ repeats }: FireWish, at: number): RunEvent[] {
  return [...(repeats?.kept ?? [])].map(([task, end]) => ({ type: 'task-ended', at, task, end }));
}
