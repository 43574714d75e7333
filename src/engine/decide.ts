import type { EventOf, RunEvent } from '../model/event.ts';
import type { CancelReason } from '../model/reason.ts';
import type { TaskEnd } from '../model/run.ts';
import type { Task } from '../model/workflow.ts';
import { isMet, outlivesFailFast, outlivesStop } from './edge.ts';
import { joinEnd } from './join.ts';
import { hasRoom, type MatrixBound } from './matrix-bound.ts';
import { endOf, type RunState } from './state.ts';

/** Says whether a task's own `if` holds (null), how the task ends because of it, or that this will be known later. */
export type ConditionCheck = (task: Task) => TaskEnd | 'later' | null;

/**
 * What follows from the current state for the tasks given: a pure question. A task is decided once all its parents have
 * ended: it is queued, or it ends here, as the join of a matrix always does. Tasks that must still wait, and those decided before, yield nothing.
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
    const end = endWithoutStart(state, task, conditionEnd);
    if (end === 'later') continue;
    events.push(
      end ? { type: 'task-ended', at: now, task: task.name, end } : { type: 'task-queued', at: now, task: task.name },
    );
  }
  return events;
}

function endWithoutStart(state: RunState, task: Task, conditionEnd: ConditionCheck): ReturnType<ConditionCheck> {
  if (task.matrix?.kind === 'join') return joinEnd(task.matrix.instances.flatMap((index) => endOf(state, index) ?? []));
  return unmetEnd(state, task) ?? (task.condition ? conditionEnd(task) : null);
}

/**
 * Starts for the queue's head while there is room; `most` is the most tasks of this run that may be active at once, and
 * `takePlace` says whether the program has a place for one more. An instance whose matrix has reached its own bound is set
 * aside and goes first once there is room, so it holds nobody up. Each event must be reduced before the next is asked for.
 */
export function* admit(
  state: RunState,
  most: number,
  takePlace: (index: number) => boolean,
  now: number,
): Generator<EventOf<'task-starting'>, void> {
  while (state.active < most) {
    const index = takeNext(state) ?? nextSetAside(state) ?? nextInQueue(state);
    if (index === undefined) return;
    if (!takePlace(index)) {
      state.next = index;
      return;
    }
    const attempt = (state.attempts[index] ?? 0) + 1;
    yield { type: 'task-starting', at: now, task: taskAt(state, index).name, attempt };
  }
}

function takeNext(state: RunState): number | undefined {
  const index = state.next;
  state.next = null;
  return index !== null && state.tasks[index]?.phase === 'queued' ? index : undefined;
}

function nextInQueue(state: RunState): number | undefined {
  while (state.queueHead < state.queue.length) {
    const index = state.queue[state.queueHead++] as number;
    if (state.tasks[index]?.phase !== 'queued') continue;
    const bound = state.bounds[index];
    if (!bound || hasRoom(bound)) return index;
    bound.held.push(index);
  }
  return undefined;
}

function nextSetAside(state: RunState): number | undefined {
  for (const bound of state.freed) {
    const index = takeHeld(state, bound);
    if (index !== undefined) return index;
    state.freed.delete(bound);
  }
  return undefined;
}

function takeHeld(state: RunState, bound: MatrixBound): number | undefined {
  while (hasRoom(bound) && bound.head < bound.held.length) {
    const index = bound.held[bound.head++] as number;
    if (state.tasks[index]?.phase === 'queued') return index;
  }
  return undefined;
}

/** What a stop of the run, or a failure under `fail_fast`, does to the tasks that have not ended. */
export interface StopDecision {
  /** Ends of the tasks that hold no process. */
  readonly events: readonly RunEvent[];
  /** Tasks whose attempt must be ended. */
  readonly abort: readonly number[];
}

/**
 * Who is spared by a stop: `always` tasks by the first, nobody by the second, handlers by `fail_fast`. A join never ends before
 * its instances: it ends because of them.
 */
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
    if (phase === 'done' || task.matrix?.kind === 'join' || spared(task)) continue;
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
  superseded: 'cancelled because a newer run of its concurrency group took its place',
  queue_timeout: 'cancelled because it waited too long for its turn',
  caller: 'cancelled because the task that called the run was ended',
  timed_out: 'the run passed its time limit',
};

/** The status of a run whose tasks have all ended (DESIGN section 2); skips are neutral. */
export function runEnd(state: RunState, now: number): EventOf<'run-ended'> {
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
