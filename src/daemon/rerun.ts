import { type FireWish, manualWish } from '../engine/admission/wish.ts';
import { endOf } from '../engine/state.ts';
import type { RerunRequest } from '../model/api.ts';
import { ControlError } from '../model/control.ts';
import type { TaskEnd } from '../model/run.ts';
import { nameInFile, type Task, type Workflow } from '../model/workflow.ts';
import type { OpenedRun } from './run-book.ts';

/**
 * The wish to repeat a run, whole or in part: what need not run again ends in the new run as it ended in the old one. `current` is
 * the workflow as it is now. @throws {ControlError}
 */
export function rerunWish(old: OpenedRun, request: RerunRequest, current: Workflow | null): FireWish {
  const { record, header, state } = old;
  if (record.endedAt === null) throw new ControlError('conflict', `run ${header.id} is not over; cancel it first`);
  const workflow = request.definition === 'current' ? current : state.workflow;
  if (!workflow)
    throw new ControlError('invalid-workflow', `workflow "${header.workflow}" cannot be used as it is now`);
  const { inputs, only, firing } = header;
  const wanted = { inputs, only, firing, env: record.env, withSecrets: record.withSecrets };
  return manualWish(workflow, 'rerun', {
    ...wanted,
    repeats: { run: header.id, kept: keptEnds(old, request, workflow) },
  });
}

/** The ends that stand, by the names of their tasks. */
function keptEnds(
  { state }: OpenedRun,
  { failed, from }: RerunRequest,
  workflow: Workflow,
): ReadonlyMap<string, TaskEnd> {
  const kept = new Map<string, TaskEnd>();
  if (!failed && from === undefined) return kept;
  const ends = new Map<string, TaskEnd>();
  for (const task of state.workflow.tasks) {
    const end = endOf(state, task.index);
    if (end) ends.set(task.name, end);
  }
  const first =
    from === undefined ? (task: Task) => ends.get(task.name)?.status !== 'success' : startsWith(workflow, from);
  const again = withDescendants(workflow, workflow.tasks.filter(first));
  for (const task of workflow.tasks) {
    const end = ends.get(task.name);
    if (end && !again.has(task)) kept.set(task.name, end);
  }
  return kept;
}

function startsWith(workflow: Workflow, from: string): (task: Task) => boolean {
  const isMeant = (task: Task) => task.name === from || nameInFile(task) === from;
  if (!workflow.tasks.some(isMeant))
    throw new ControlError('unknown-task', `there is no task "${from}" in the workflow`);
  return isMeant;
}

function withDescendants({ tasks }: Workflow, first: readonly Task[]): ReadonlySet<Task> {
  const all = new Set(first);
  for (const task of all) for (const child of task.children) all.add(tasks[child] ?? task);
  return all;
}
