import type { CheckedFile } from './check.ts';

/** A task exports a name once, and only what tasks of its type have. */
export function checkExports(file: CheckedFile): void {
  for (const [index, task] of file.data.taskGroup.entries()) {
    const seen = new Set<string>();
    const possible = file.types.get(task.type ?? '')?.exports;
    for (const [position, { name }] of (task.exports ?? []).entries()) {
      const range = file.at('taskGroup', index, 'exports', position, 'name');
      if (seen.has(name)) file.reporter.error('duplicate-name', range, `"${name}" is exported twice`);
      seen.add(name);
      if (possible && !possible.includes(name)) {
        const message = `a task of type "${task.type}" has no "${name}" to export`;
        file.reporter.error('unknown-export', range, message, { hint: `it exports ${possible.join(', ')}` });
      }
    }
  }
}
