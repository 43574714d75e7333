import type { EventOf, Handle, RunEvent } from '../model/event.ts';
import type { CancelReason } from '../model/reason.ts';
import { TemplateError } from '../model/template.ts';
import type { Task } from '../model/workflow.ts';
import { protect } from '../util/mask/protect.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import { isActive, type RunState, reduce } from './state.ts';

/** An attempt that had begun and not ended when its run was last heard of. */
export interface OpenAttempt {
  readonly task: Task;
  readonly attempt: number;
  /** What ran; null when that never became durable. */
  readonly handle: Handle | null;
  /** Since when its time limit counts, in ms since the epoch. */
  readonly since: number;
}

/**
 * Brings a state to where the events of a run left it; confidential exports among them are masked from now on. @throws {TemplateError}
 * when they cannot be.
 */
export function replay(state: RunState, history: readonly RunEvent[], masks: SecretSet): void {
  for (const event of history) {
    reduce(state, event);
    if (event.type === 'task-ended' && 'outputs' in event.end) protectAgain(masks, event);
  }
  // Each once, in the order of the last time they were queued.
  const queued = [...new Set(state.queue.reverse())].filter((index) => state.tasks[index]?.phase === 'queued');
  state.queue.splice(0, state.queue.length, ...queued.reverse());
}

/** The attempts nobody attends any more. */
export function openAttempts(state: RunState, history: readonly RunEvent[]): readonly OpenAttempt[] {
  const starts = new Map<string, EventOf<'task-starting' | 'task-running'>>();
  for (const event of history) {
    if (event.type === 'task-starting' || event.type === 'task-running') starts.set(event.task, event);
  }
  return state.workflow.tasks.flatMap((task) => {
    const current = state.tasks[task.index];
    const start = starts.get(task.name);
    if (!current || !start || !isActive(current.phase)) return [];
    const handle = start.type === 'task-running' ? start.handle : null;
    return [{ task, attempt: start.attempt, handle, since: start.at }];
  });
}

/** Why single tasks, by name, were to stop: the first reason since an attempt of theirs was last given up. */
export function requestedStops(history: readonly RunEvent[]): ReadonlyMap<string, CancelReason> {
  const stops = new Map<string, CancelReason>();
  for (const event of history) {
    // What stopped an attempt does not stop the next one.
    if (event.type === 'task-retrying') stops.delete(event.task);
    if (event.type !== 'cancel-requested' || event.task === null || stops.has(event.task)) continue;
    stops.set(event.task, event.reason);
  }
  return stops;
}

/** Whether the run has been stopped at its time limit before. */
export function hasTimedOut(history: readonly RunEvent[]): boolean {
  return history.some(
    (event) => event.type === 'cancel-requested' && event.reason === 'timed_out' && event.task === null,
  );
}

function protectAgain(masks: SecretSet, { end }: EventOf<'task-ended'>): void {
  const outputs = 'outputs' in end ? Object.values(end.outputs) : [];
  for (const { value, confidential } of outputs) {
    const problem = confidential ? protect(masks, value) : null;
    if (problem !== null) throw new TemplateError(problem, '', 0);
  }
}
