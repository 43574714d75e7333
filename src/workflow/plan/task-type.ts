import type { TaskEntry } from '../../generated/workflow-file.ts';

/** The driver of a task: the short forms `run`, and `image` with `run`, name none. */
export function typeOf({ run, image, type }: Pick<TaskEntry, 'run' | 'image' | 'type'>): string {
  if (run === undefined) return type ?? 'os_exec';
  return image === undefined ? 'os_exec' : 'docker';
}
