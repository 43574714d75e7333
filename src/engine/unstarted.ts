import type { RunEvent } from '../model/event.ts';
import type { CancelReason, FailureReason } from '../model/reason.ts';
import type { TaskEnd } from '../model/run.ts';
import type { Task, Workflow } from '../model/workflow.ts';
import { decide, runEnd, stoppedEnd } from './decide.ts';
import { initialState, isActive, type RunState, reduce } from './state.ts';

/** The events that end a run for a reason before anything of it was started: nobody is spared, `always` or not. */
export function cancelledEvents(
  workflow: Workflow,
  history: readonly RunEvent[],
  reason: CancelReason,
  now: number,
): readonly RunEvent[] {
  const request: RunEvent = { type: 'cancel-requested', at: now, reason, task: null };
  const state = stateAfter(workflow, [...history, request]);
  return [request, ...endAll(state, now, () => stoppedEnd(reason, null))];
}

/** The events that end one task, or all combinations of a matrix task, of a run of which nothing was started. */
export function cancelledTaskEvents(
  workflow: Workflow,
  history: readonly RunEvent[],
  task: Task,
  reason: CancelReason,
  now: number,
): readonly RunEvent[] {
  const state = stateAfter(workflow, history);
  const indexes = task.matrix?.kind === 'join' ? task.matrix.instances : [task.index];
  const parts = indexes.flatMap((index) => workflow.tasks[index] ?? []);
  const open = parts.filter(({ index }) => state.tasks[index]?.phase !== 'done');
  const request: RunEvent = { type: 'cancel-requested', at: now, reason, task: task.name };
  const end = stoppedEnd(reason, null);
  return [request, ...open.map(({ name }): RunEvent => ({ type: 'task-ended', at: now, task: name, end }))];
}

/** The events that end a run which cannot go on for a reason, such as secrets that are gone. What may still run is lost. */
export function failedEvents(
  workflow: Workflow,
  history: readonly RunEvent[],
  reason: FailureReason,
  message: string,
  now: number,
): readonly RunEvent[] {
  const state = stateAfter(workflow, history);
  return endAll(state, now, (isRunning) => {
    return { status: 'failed', reason: isRunning ? 'lost' : reason, exitCode: null, message, outputs: {} };
  });
}

/** The events that end a run of which nobody knows any more what became of it: whatever had not ended is lost. */
export function lostEvents(
  workflow: Workflow,
  history: readonly RunEvent[],
  message: string,
  now: number,
): readonly RunEvent[] {
  return endAll(stateAfter(workflow, history), now, () => ({
    status: 'failed',
    reason: 'lost',
    exitCode: null,
    message,
    outputs: {},
  }));
}

function stateAfter(workflow: Workflow, history: readonly RunEvent[]): RunState {
  const state = initialState(workflow);
  for (const event of history) reduce(state, event);
  return state;
}

function endAll(state: RunState, now: number, endOf: (isRunning: boolean) => TaskEnd): RunEvent[] {
  const events: RunEvent[] = [];
  const emit = (event: RunEvent): void => {
    reduce(state, event);
    events.push(event);
  };
  const { tasks } = state.workflow;
  for (const task of tasks) {
    const phase = state.tasks[task.index]?.phase ?? 'done';
    if (phase === 'done' || task.matrix?.kind === 'join') continue;
    emit({ type: 'task-ended', at: now, task: task.name, end: endOf(isActive(phase)) });
  }
  // The joins of matrices end as their instances did.
  for (const event of decide(state, tasks.keys(), now, () => null)) emit(event);
  emit(runEnd(state, now));
  return events;
}
