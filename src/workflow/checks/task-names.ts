import type { CheckedFile } from './check.ts';

// Roots and literals of templates: a task of that name could not be read.
const RESERVED: ReadonlySet<string> = new Set(
  'inputs env secrets trigger run workflow matrix objects this true false null undefined else'.split(' '),
);

/** Task names are unique without regard to case and do not hide what templates read. */
export function checkTaskNames(file: CheckedFile): void {
  const seen = new Map<string, number>();
  for (const [index, { name }] of file.data.taskGroup.entries()) {
    const folded = name.toLowerCase();
    const first = seen.get(folded);
    if (first === undefined) seen.set(folded, index);
    else reportTwice(file, index, first, name);
    if (RESERVED.has(name)) {
      const message = `"${name}" cannot be the name of a task: templates use it`;
      file.reporter.error('reserved-name', file.at('taskGroup', index, 'name'), message);
    }
  }
}

function reportTwice(file: CheckedFile, index: number, first: number, name: string): void {
  const range = file.at('taskGroup', index, 'name');
  const related = [{ message: 'first used here', range: file.at('taskGroup', first, 'name') }];
  const hint = 'names must differ in more than the case of letters';
  file.reporter.error('duplicate-name', range, `the task name "${name}" is used twice`, { related, hint });
}
