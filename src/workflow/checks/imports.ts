import type { TaskEntry } from '../../generated/workflow-file.ts';
import { nearest } from '../../util/nearest.ts';
import type { CheckedFile } from './check.ts';

/** Every import names an export of another task, once. */
export function checkImports(file: CheckedFile): void {
  for (const [index, task] of file.data.taskGroup.entries()) {
    const seen = new Set<string>();
    for (const [position, { from, variable }] of (task.imports ?? []).entries()) {
      const path = ['taskGroup', index, 'imports', position];
      const producer = file.tasks.get(from);
      const key = `${from} ${variable}`;
      if (seen.has(key)) {
        file.reporter.error('duplicate-name', file.at(...path), `"${from}.${variable}" is imported twice`);
      } else if (from === task.name) {
        file.reporter.error('self-dependency', file.at(...path, 'from'), `the task "${from}" imports from itself`);
      } else if (producer !== undefined) checkExported(file, path, producer[1], producer[0], variable);
      else if (!file.mentioned.has(from)) reportUnknownTask(file, path, task, from, variable);
      seen.add(key);
    }
  }
}

function checkExported(
  file: CheckedFile,
  path: readonly (string | number)[],
  producer: TaskEntry,
  producerIndex: number,
  variable: string,
): void {
  const names = (producer.exports ?? []).map(({ name }) => name);
  if (names.includes(variable) || file.wasDropped(producerIndex, 'exports')) return;
  const guess = nearest(variable, names);
  const question = guess ? `; did you mean "${guess}"?` : '';
  const hint =
    names.length > 0
      ? `it exports ${names.join(', ')}`
      : `it exports nothing; add to it: exports: [{ name: ${variable} }]`;
  const message = `task "${producer.name}" does not export "${variable}"${question}`;
  file.reporter.error('unknown-export', file.at(...path, 'variable'), message, { hint });
}

function reportUnknownTask(
  file: CheckedFile,
  path: readonly (string | number)[],
  task: TaskEntry,
  from: string,
  variable: string,
): void {
  const producers = file.data.taskGroup.filter((other) => other.exports?.some(({ name }) => name === variable));
  const guess = nearest(from, file.mentioned);
  const message = `task "${task.name}" imports from "${from}", which is not in this group${guess ? `; did you mean "${guess}"?` : ''}`;
  const hint =
    producers.length > 0
      ? `"${variable}" is exported by ${producers.map(({ name }) => `"${name}"`).join(', ')}`
      : undefined;
  file.reporter.error('unknown-task', file.at(...path, 'from'), message, { hint });
}
