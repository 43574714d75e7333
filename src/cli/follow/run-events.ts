import type { RunDetail, TaskView } from '../../model/api.ts';
import type { RunEvent } from '../../model/event.ts';
import { MANUAL_FIRING } from '../../model/manual-firing.ts';
import type { CancelReason, FailureReason, SkipReason } from '../../model/reason.ts';
import type { RunResult, TaskEnd, TaskResult } from '../../model/run.ts';
import { isOver } from '../print/run-list.ts';

/** Names of the tasks that do something themselves: those of a matrix, and not the join that stands for them. */
export function workingTasks({ tasks }: RunDetail): string[] {
  const names = tasks.map(({ name }) => name);
  const joins = new Set(names.filter((name) => name.includes('(')).map((name) => name.slice(0, name.indexOf('('))));
  return names.filter((name) => !joins.has(name));
}

/** The event with which the display of a run begins. What fired it is not shown, so it is not told. */
export function createdEvent({ id, number, workflow, inputs, created_at: createdAt }: RunDetail): RunEvent {
  const at = Date.parse(createdAt);
  return {
    type: 'run-created',
    at,
    run: { id, number, workflow, firing: MANUAL_FIRING, inputs, only: null, createdAt: at },
  };
}

/** The event of an attempt that has begun. */
export function startingEvent({ name, started_at: startedAt }: TaskView, attempt: number, now: number): RunEvent {
  return { type: 'task-starting', at: startedAt === null ? now : Date.parse(startedAt), task: name, attempt };
}

/** The event of a task of which nothing changed but where it stands. By what it is found again is not shown, so it is not told. */
export function phaseEvent({ name: task, phase, attempt, message }: TaskView, at: number): RunEvent | null {
  switch (phase) {
    case 'provisioning':
    case 'deprovisioning':
      return { type: 'task-phase', at, task, phase, ...(message !== null && { message }) };
    case 'running':
      return { type: 'task-running', at, task, attempt, handle: { kind: 'run', id: '' } };
    default:
      return null;
  }
}

/** The event of a task that is over. */
export function endedEvent(view: TaskView, run: RunDetail, now: number): RunEvent {
  const at = view.ended_at === null ? now : Date.parse(view.ended_at);
  return { type: 'task-ended', at, task: view.name, end: endOf(view, resultOf(view.name, run)) };
}

/** The Task Group Result of a run that is over, and the event of its end. */
export function runEnd(run: RunDetail, now: number): { readonly result: RunResult; readonly event: RunEvent } {
  const { id, reason, results } = run;
  if (!isOver(run.status)) throw new Error(`Internal error: run ${id} is not over`);
  const at = run.ended_at === null ? now : Date.parse(run.ended_at);
  return {
    result: { id, status: run.status, reason, results },
    event: { type: 'run-ended', at, status: run.status, reason },
  };
}

function resultOf(name: string, { results }: RunDetail): TaskResult | undefined {
  return results[name] ?? results[name.slice(0, name.indexOf('('))]?.instances?.find((one) => one.name === name);
}

function endOf({ status, reason, message: text }: TaskView, result: TaskResult | undefined): TaskEnd {
  const message = text ?? '';
  const exitCode = result?.exit_code ?? null;
  const notes = result?.notes ?? [];
  switch (status) {
    case 'success':
      return { status, exitCode, outputs: {}, cached: result?.cached ?? false, notes };
    case 'skipped':
      return { status, reason: reason as SkipReason, message };
    case 'cancelled':
      return { status, reason: reason as CancelReason, message, exitCode, notes };
    default:
      return { status: 'failed', reason: reason as FailureReason, exitCode, message, outputs: {}, notes };
  }
}
