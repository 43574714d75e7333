import { endOf, type RunState } from '../engine/state.ts';
import type { RunView, TaskView } from '../model/api.ts';
import type { TaskEnd, TaskState } from '../model/run.ts';
import type { RunRecord } from '../model/state-store.ts';
import { nameInFile, type Task } from '../model/workflow.ts';

/** A run as lists show it. */
export function runView(record: RunRecord): RunView {
  const { header, status, reason, trigger, initiator, rerunOf, parent } = record;
  return {
    id: header.id,
    number: header.number,
    workflow: header.workflow,
    status,
    reason,
    trigger,
    initiator,
    rerun_of: rerunOf,
    parent: parent ? { run: parent.run, task: parent.task } : null,
    created_at: isoTime(header.createdAt),
    started_at: record.startedAt === null ? null : isoTime(record.startedAt),
    ended_at: record.endedAt === null ? null : isoTime(record.endedAt),
  };
}

/** The tasks of a run as they stand, in file order; a matrix task is its instances followed by their join. */
export function taskViews(state: RunState): TaskView[] {
  return state.workflow.tasks.map((task) => taskView(state, task));
}

/** One task of a run as it stands. */
export function taskView(state: RunState, task: Task): TaskView {
  const current = state.tasks[task.index];
  const end = endOf(state, task.index);
  const started = state.firstStart[task.index] || null;
  const duration = current?.phase === 'done' && started !== null ? current.durationMs : null;
  return {
    name: task.name,
    id: task.id,
    type: task.type,
    phase: current?.phase ?? 'pending',
    attempt: state.attempts[task.index] ?? 0,
    status: end?.status ?? null,
    reason: end && end.status !== 'success' ? end.reason : null,
    message: messageOf(end ?? current),
    needs: [...new Set(task.parents.map((edge) => parentName(state, task, edge.task)))],
    started_at: started === null ? null : isoTime(started),
    ended_at: started === null || duration === null ? null : isoTime(started + duration),
  };
}

/** Why it ended so or, while it goes on, how far it is. */
function messageOf(standing: TaskState | TaskEnd | undefined): string | null {
  return (standing && 'message' in standing ? standing.message : null) ?? null;
}

/** A time as the API writes it. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** A matrix task as a whole, but for its own join, which needs each of its combinations. */
function parentName(state: RunState, task: Task, index: number): string {
  const parent = state.workflow.tasks[index];
  if (!parent) throw new Error(`Internal error: no task ${index}`);
  return task.matrix?.kind === 'join' ? parent.name : nameInFile(parent);
}
