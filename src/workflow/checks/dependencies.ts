import { nearest } from '../../util/nearest.ts';
import { type CheckedFile, namedParents } from './check.ts';

/** Every task under `depends_on` exists, is another task, and is named once. */
export function checkDependencies(file: CheckedFile): void {
  for (const [index, task] of file.data.taskGroup.entries()) {
    if (file.reporter.isSettled) return;
    const seen = new Set<string>();
    for (const { name, path } of namedParents(index, task)) {
      if (name === task.name) {
        file.reporter.error('self-dependency', file.at(...path), `the task "${task.name}" depends on itself`);
      } else if (seen.has(name)) {
        file.reporter.error('duplicate-name', file.at(...path), `the task "${task.name}" depends on "${name}" twice`);
      } else if (!file.mentioned.has(name)) {
        const guess = nearest(name, file.mentioned);
        const question = guess ? `; did you mean "${guess}"?` : '';
        const message = `task "${task.name}" depends on "${name}", which is not in this group${question}`;
        file.reporter.error('unknown-task', file.at(...path), message);
      }
      seen.add(name);
    }
  }
}
