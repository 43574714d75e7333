import type { Path } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

/** Nobody sets what the program itself must set: OUTPUT_FILE and the variables that carry template values. */
export function checkEnvNames(file: CheckedFile): void {
  checkMap(file, ['env']);
  for (const [index, task] of file.data.taskGroup.entries()) {
    if (task.env !== undefined) checkMap(file, ['taskGroup', index, 'env']);
    if (task.spec !== undefined && 'env' in task.spec) checkMap(file, ['taskGroup', index, 'spec', 'env']);
  }
}

function checkMap(file: CheckedFile, path: Path): void {
  const node = file.node(...path);
  for (const [name, { key }] of node?.kind === 'map' ? node.entries : []) {
    if (name === 'OUTPUT_FILE') {
      const hint = 'the task finds the path of its output file in it';
      file.reporter.error('bad-env-name', key, 'OUTPUT_FILE cannot be set', { hint });
    } else if (/^_R\d+$/.test(name)) {
      const hint = 'names such as _R1 carry the values of templates into scripts';
      file.reporter.error('bad-env-name', key, `${name} cannot be set`, { hint });
    }
  }
}
