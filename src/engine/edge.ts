import type { TaskEnd } from '../model/run.ts';
import type { EdgeCondition, Task } from '../model/workflow.ts';

/**
 * Whether a parent's end is what an edge waits for (DESIGN section 4). A failure the parent may have (`continue_on_error`)
 * counts as success for the edges and stays `failed` in the record.
 */
export function isMet(when: EdgeCondition, parent: Task, end: TaskEnd): boolean {
  const tolerated = end.status === 'failed' && parent.continueOnError;
  switch (when) {
    case 'success':
      return end.status === 'success' || tolerated;
    case 'failure':
      return end.status === 'failed' && !tolerated;
    case 'any':
      return end.status !== 'cancelled';
    case 'always':
      return true;
  }
}

/** Whether a task still runs after its run was cancelled or timed out: it was asked to run `always`. */
export function outlivesStop(task: Task): boolean {
  return task.parents.some((edge) => edge.when === 'always');
}

/** Whether a task still runs after a sibling failed under `fail_fast`: it waits for more than successes. */
export function outlivesFailFast(task: Task): boolean {
  return task.parents.some((edge) => edge.when !== 'success');
}
