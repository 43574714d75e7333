import type { RunEvent } from '../model/event.ts';
import type { CancelReason } from '../model/reason.ts';
import type { TaskEnd } from '../model/run.ts';
import type { Task } from '../model/workflow.ts';
import { isMet, outlivesFailFast, outlivesStop } from './edge.ts';
import { endOf, type RunState } from './state.ts';

/** Says whether a task's own `if` holds, or how the task ends because of it. */
export type ConditionCheck = (task: Task) => TaskEnd | null;

/**
 * What follows from the current state for the tasks given: a pure question. A task is decided once all its parents have
 * ended: it is queued, or it ends here. Tasks that must still wait, and those decided before, yield nothing.
 */
export function decide(
  state: RunState,
  candidates: Iterable<number>,
  now: number,
  conditionEnd: ConditionCheck,
): RunEvent[] {
  const events: RunEvent[] = [];
  for (const index of candidates) {
    if (state.tasks[index]?.phase !== 'pending' || state.openParents[index] !== 0) continue;
    const task = taskAt(state, index);
    const end = unmetEnd(state, task) ?? (task.condition ? conditionEnd(task) : null);
    events.push(
      end ? { type: 'task-ended', at: now, task: task.name, end } : { type: 'task-queued', at: now, task: task.name },
    );
  }
  return events;
}

/** Starts for the queue's head while places are free; `places` is the most tasks that may be active at once. */
export function admit(state: RunState, places: number, now: number): RunEvent[] {
  const events: RunEvent[] = [];
  let free = places - state.active;
  while (free > 0 && state.queueHead < state.queue.length) {
    const index = state.queue[state.queueHead++] as number;
    if (state.tasks[index]?.phase !== 'queued') continue;
    const attempt = (state.attempts[index] ?? 0) + 1;
    events.push({ type: 'task-starting', at: now, task: taskAt(state, index).name, attempt });
    free -= 1;
  }
  return events;
}

/** What a stop of the run, or a failure under `fail_fast`, does to the tasks that have not ended. */
export interface StopDecision {
  /** Ends of the tasks that hold no process. */
  readonly events: readonly RunEvent[];
  /** Tasks whose attempt must be ended. */
  readonly abort: readonly number[];
}

/** Who is spared by a stop: `always` tasks by the first, nobody by the second, handlers by `fail_fast`. */
export function decideStop(state: RunState, now: number): StopDecision {
  const spared = (task: Task): boolean => {
    if (state.stop) return state.stop.times === 1 && outlivesStop(task);
    return outlivesFailFast(task);
  };
  return endUnlessSpared(state, state.stop?.reason ?? 'fail_fast', spared, now);
}

function endUnlessSpared(
  state: RunState,
  reason: CancelReason,
  spared: (task: Task) => boolean,
  now: number,
): StopDecision {
  const events: RunEvent[] = [];
  const abort: number[] = [];
  for (const task of state.workflow.tasks) {
    const phase = state.tasks[task.index]?.phase;
    if (phase === 'done' || spared(task)) continue;
    if (phase === 'pending' || phase === 'queued' || phase === 'waiting') {
      events.push({ type: 'task-ended', at: now, task: task.name, end: stoppedEnd(reason, null) });
    } else abort.push(task.index);
  }
  return { events, abort };
}

/** The end of a task that was ended from outside; running out of time is a failure, everything else a cancellation. */
export function stoppedEnd(reason: CancelReason, exitCode: number | null, notes: readonly string[] = []): TaskEnd {
  const extra = notes.length > 0 ? { notes } : {};
  const message = STOP_MESSAGES[reason];
  if (reason === 'timed_out') return { status: 'failed', reason, exitCode, message, outputs: {}, ...extra };
  return { status: 'cancelled', reason, exitCode, message, ...extra };
}

const STOP_MESSAGES: Readonly<Record<CancelReason, string>> = {
  user: 'cancelled',
  fail_fast: 'cancelled because another task failed (fail_fast)',
  shutdown: 'cancelled because the program stops',
  timed_out: 'the run passed its time limit',
};

/** The status of a run whose tasks have all ended (DESIGN section 2); skips are neutral. */
export function runEnd(state: RunState, now: number): RunEvent {
  const reason = state.stop?.reason ?? null;
  if (reason !== null && reason !== 'timed_out') return { type: 'run-ended', at: now, status: 'cancelled', reason };
  const failed = state.workflow.tasks.some((task) => breaksRun(task, endOf(state, task.index)));
  return { type: 'run-ended', at: now, status: failed ? 'failed' : 'success', reason };
}

function breaksRun(task: Task, end: TaskEnd | null): boolean {
  if (end?.status === 'cancelled') return true;
  return end?.status === 'failed' && !task.continueOnError;
}

function unmetEnd(state: RunState, task: Task): TaskEnd | null {
  for (const edge of task.parents) {
    const parent = taskAt(state, edge.task);
    const end = endOf(state, edge.task);
    if (!end || isMet(edge.when, parent, end)) continue;
    const message = `needs ${edge.when} of task "${parent.name}", which was ${end.status}`;
    return { status: 'skipped', reason: 'dependency', message };
  }
  return null;
}

function taskAt(state: RunState, index: number): Task {
  const task = state.workflow.tasks[index];
  if (!task) throw new Error(`Internal error: no task ${index}`);
  return task;
}
