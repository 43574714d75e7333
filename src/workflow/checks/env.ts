import { MOST_VALUE_BYTES } from '../../util/output-file.ts';
import type { MapEntry, Path } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

/** The variables that a file sets: those of all tasks, of each task, and of each spec. */
export function checkEnv(file: CheckedFile): void {
  checkMap(file, ['env']);
  for (const [index, task] of file.data.taskGroup.entries()) {
    if (task.env !== undefined) checkMap(file, ['taskGroup', index, 'env']);
    if (task.spec !== undefined && 'env' in task.spec) checkMap(file, ['taskGroup', index, 'spec', 'env']);
  }
}

function checkMap(file: CheckedFile, path: Path): void {
  const node = file.node(...path);
  for (const [name, entry] of node?.kind === 'map' ? node.entries : []) {
    checkName(file, name, entry);
    checkValue(file, name, entry);
  }
}

/** Nobody sets what the program itself must set: OUTPUT_FILE and the variables that carry template values. */
function checkName(file: CheckedFile, name: string, { key }: MapEntry): void {
  if (name === 'OUTPUT_FILE') {
    const hint = 'the task finds the path of its output file in it';
    file.reporter.error('bad-env-name', key, 'OUTPUT_FILE cannot be set', { hint });
  } else if (/^_R\d+$/.test(name)) {
    const hint = 'names such as _R1 carry the values of templates into scripts';
    file.reporter.error('bad-env-name', key, `${name} cannot be set`, { hint });
  }
}

/** What a variable is given as text is no longer than a system takes: its name, `=`, the value and a NUL share the room. */
function checkValue(file: CheckedFile, name: string, { value }: MapEntry): void {
  if (value.kind !== 'scalar' || typeof value.value !== 'string') return;
  const bytes = Buffer.byteLength(value.value);
  const most = MOST_VALUE_BYTES - Buffer.byteLength(name) - 2;
  if (bytes <= most) return;
  const hint = 'put long text into a file: files: [{ path: …, text: … }]';
  file.reporter.error('bad-value', value, `the value of "${name}" has ${bytes} bytes, at most ${most} fit`, { hint });
}
