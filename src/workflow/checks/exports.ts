import type { CheckedFile } from './check.ts';

/** A task exports a name once. */
export function checkExports(file: CheckedFile): void {
  for (const [index, task] of file.data.taskGroup.entries()) {
    const seen = new Set<string>();
    for (const [position, { name }] of (task.exports ?? []).entries()) {
      const range = file.at('taskGroup', index, 'exports', position, 'name');
      if (seen.has(name)) file.reporter.error('duplicate-name', range, `"${name}" is exported twice`);
      seen.add(name);
    }
  }
}
