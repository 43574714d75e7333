import type { Task, Workflow } from '../model/workflow.ts';

/** Whether a run that was asked for some tasks only runs a task. A matrix task's name asks for all its instances. */
export function selection(workflow: Workflow, only: readonly string[]): (task: Task) => boolean {
  const names = new Set(only);
  const isAsked = (task: Task) =>
    names.has(task.name) || (task.matrix?.kind === 'instance' && names.has(task.matrix.of));
  return (task) => {
    if (task.matrix?.kind !== 'join') return isAsked(task);
    return task.matrix.instances.some((index) => isAsked(workflow.tasks[index] ?? task));
  };
}
