import type { EventOf, RunEvent } from '../model/event.ts';
import type { CancelReason } from '../model/reason.ts';
import type { RunEnd, RunHeader, TaskEnd, TaskState } from '../model/run.ts';
import type { Workflow } from '../model/workflow.ts';
import { type MatrixBound, matrixBounds } from './matrix-bound.ts';

/**
 * Where a run stands: what its events add up to. Changed in place by `reduce` alone, so that an event costs the same in a
 * group of ten and of ten thousand tasks.
 */
export interface RunState {
  readonly workflow: Workflow;
  readonly indexOf: ReadonlyMap<string, number>;
  header: RunHeader | null;
  /** When the run began, in ms since the epoch; null before. */
  startedAt: number | null;
  /** By task index. */
  readonly tasks: TaskState[];
  /** Per task, how many parents have not ended. */
  readonly openParents: number[];
  /** Attempts begun so far, per task; for a join the most of any instance. */
  readonly attempts: number[];
  /** When the first attempt began, per task (for a join: of any instance); 0 before. */
  readonly firstStart: number[];
  /** Tasks in the order they were queued; the head may hold some that were taken or ended since. */
  readonly queue: number[];
  queueHead: number;
  /** A task that was at the head and had to stay for want of a place; first in line. */
  next: number | null;
  /** Bounds of matrix tasks, by the index of an instance. */
  readonly bounds: readonly (MatrixBound | undefined)[];
  /** Bounds that hold instances back and may have room for one. */
  readonly freed: Set<MatrixBound>;
  /** Tasks that have not ended. */
  open: number;
  /** Tasks that hold a place: from `starting` to the end of the attempt. */
  active: number;
  /** Why the whole run is stopping, and how often that was asked for. */
  stop: { readonly reason: CancelReason; readonly times: number } | null;
  /** A task failed under `fail_fast`. */
  failFast: boolean;
  end: RunEnd | null;
}

/** The state of a run of which nothing has happened yet. */
export function initialState(workflow: Workflow): RunState {
  return {
    workflow,
    indexOf: new Map(workflow.tasks.map((task) => [task.name, task.index])),
    header: null,
    startedAt: null,
    tasks: workflow.tasks.map(() => ({ phase: 'pending' })),
    openParents: workflow.tasks.map((task) => task.parents.length),
    attempts: workflow.tasks.map(() => 0),
    firstStart: workflow.tasks.map(() => 0),
    queue: [],
    queueHead: 0,
    next: null,
    bounds: matrixBounds(workflow),
    freed: new Set(),
    open: workflow.tasks.length,
    active: 0,
    stop: null,
    failFast: false,
    end: null,
  };
}

/** The end of a task, or null while it has none. */
export function endOf(state: RunState, task: number): TaskEnd | null {
  const current = state.tasks[task];
  return current?.phase === 'done' ? current.end : null;
}

/** Whether an attempt is on its way in this phase: the task holds a place. */
export function isActive(phase: TaskState['phase']): boolean {
  return ACTIVE.has(phase);
}

/** Applies one event. @throws when the event is not a legal move: that is a bug, never a user's mistake. */
export function reduce(state: RunState, event: RunEvent): void {
  switch (event.type) {
    case 'run-created':
      state.header = event.run;
      return;
    case 'run-started':
      state.startedAt = event.at;
      return;
    case 'cancel-requested':
      reduceCancel(state, event.reason, event.task);
      return;
    case 'run-ended':
      state.end = { status: event.status, reason: event.reason };
      return;
    default:
      reduceTask(state, indexOfTask(state, event.task), event);
  }
}

type TaskEvent = Extract<RunEvent, { task: string }>;
type Phase = TaskState['phase'];

/** The one table of legal moves: which phases an event may find a task in. */
const MOVES: Readonly<Record<TaskEvent['type'], readonly Phase[]>> = {
  'task-queued': ['pending', 'waiting'],
  'task-starting': ['queued'],
  // Again `deprovisioning`: a driver that takes up an attempt begins its clean-up anew.
  'task-phase': ['provisioning', 'starting', 'running', 'deprovisioning'],
  'task-running': ['provisioning', 'starting'],
  'task-retrying': ['provisioning', 'starting', 'running', 'deprovisioning'],
  'task-ended': ['pending', 'queued', 'waiting', 'provisioning', 'starting', 'running', 'deprovisioning'],
};

const ACTIVE: ReadonlySet<Phase> = new Set(['provisioning', 'starting', 'running', 'deprovisioning']);

function reduceTask(state: RunState, index: number, event: TaskEvent): void {
  const before = (state.tasks[index] as TaskState).phase;
  if (!MOVES[event.type].includes(before)) {
    throw new Error(`Internal error: ${event.type} for task ${event.task}, which is ${before}`);
  }
  state.tasks[index] = nextState(state, index, event);
  const after = (state.tasks[index] as TaskState).phase;
  const change = Number(ACTIVE.has(after)) - Number(ACTIVE.has(before));
  state.active += change;
  moveBound(state, state.bounds[index], change);
  if (event.type === 'task-queued') state.queue.push(index);
  if (event.type === 'task-ended') closeTask(state, index, event.end);
}

function moveBound(state: RunState, bound: MatrixBound | undefined, change: number): void {
  if (!bound) return;
  bound.active += change;
  if (change < 0 && bound.head < bound.held.length) state.freed.add(bound);
}

function nextState(state: RunState, index: number, event: TaskEvent): TaskState {
  const attempt = state.attempts[index] ?? 0;
  switch (event.type) {
    case 'task-queued':
      return { phase: 'queued' };
    case 'task-starting':
      state.attempts[index] = event.attempt;
      state.firstStart[index] ||= event.at;
      noteStart(state, index, event);
      return { phase: 'starting', attempt: event.attempt, since: event.at };
    case 'task-phase':
      return { phase: event.phase, attempt, since: event.at, ...(event.message && { message: event.message }) };
    case 'task-running':
      return { phase: 'running', attempt, since: event.at };
    case 'task-retrying':
      return { phase: 'waiting', attempt, retryAt: event.retryAt };
    case 'task-ended': {
      const started = state.firstStart[index];
      return { phase: 'done', end: event.end, attempts: attempt, durationMs: started ? event.at - started : 0 };
    }
  }
}

/** A join begins with the first of its instances. */
function noteStart(state: RunState, index: number, { at, attempt }: EventOf<'task-starting'>): void {
  const role = state.workflow.tasks[index]?.matrix;
  if (role?.kind !== 'instance') return;
  const join = indexOfTask(state, role.of);
  state.firstStart[join] ||= at;
  state.attempts[join] = Math.max(state.attempts[join] ?? 0, attempt);
}

function closeTask(state: RunState, index: number, end: TaskEnd): void {
  const task = state.workflow.tasks[index];
  if (!task) throw new Error(`Internal error: no task ${index}`);
  state.open -= 1;
  for (const child of task.children) state.openParents[child] = (state.openParents[child] ?? 0) - 1;
  // What was taken over from an earlier run stands before the start, and stops nothing of this one.
  if (state.startedAt === null) return;
  if (end.status === 'failed' && state.workflow.failFast && !task.continueOnError) state.failFast = true;
}

function reduceCancel(state: RunState, reason: CancelReason, task: string | null): void {
  if (task !== null) return;
  state.stop = { reason: state.stop?.reason ?? reason, times: (state.stop?.times ?? 0) + 1 };
}

function indexOfTask(state: RunState, name: string): number {
  const index = state.indexOf.get(name);
  if (index === undefined) throw new Error(`Internal error: no task named ${name}`);
  return index;
}
