import { typeOf } from '../plan/task-type.ts';
import type { CheckedFile } from './check.ts';

/** Bounds stand only where they are kept: a bound nobody keeps is worse than none. */
export function checkResources(file: CheckedFile): void {
  for (const [index, task] of file.data.taskGroup.entries()) {
    if (task.resources === undefined) continue;
    const name = typeOf(task);
    const type = file.types.get(name);
    if (type === undefined || type.bounds) continue;
    const range = file.keyAt('taskGroup', index, 'resources');
    file.reporter.error('not-yet', range, `bounds for tasks of type "${name}" are not supported yet`, {
      hint: 'tasks in containers have bounds: add `image: …`',
    });
  }
}
