import { type CheckedFile, namedParents } from './check.ts';

/** An import waits for the success of its producer, so `depends_on` cannot ask for another end of the same task. */
export function checkImportConditions(file: CheckedFile): void {
  for (const [index, task] of file.data.taskGroup.entries()) {
    const parents = namedParents(index, task);
    for (const [position, { from }] of (task.imports ?? []).entries()) {
      const parent = parents.find(({ name, when }) => name === from && when !== 'success');
      if (parent === undefined) continue;
      const message = `task "${task.name}" imports from "${from}", which must then succeed, but depends on it with "when: ${parent.when}"`;
      file.reporter.error('contradiction', file.at('taskGroup', index, 'imports', position, 'from'), message, {
        related: [{ message: 'the dependency', range: file.at(...parent.path) }],
        hint: 'remove the import, or the condition',
      });
    }
  }
}
