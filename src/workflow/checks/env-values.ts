import { MOST_VALUE_BYTES } from '../../util/output-file.ts';
import type { Path } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

/** What a variable is given as text is no longer than a system takes: its name, `=`, the value and a NUL share the room. */
export function checkEnvValues(file: CheckedFile): void {
  checkMap(file, ['env']);
  for (const [index, task] of file.data.taskGroup.entries()) {
    if (task.env !== undefined) checkMap(file, ['taskGroup', index, 'env']);
    if (task.spec !== undefined && 'env' in task.spec) checkMap(file, ['taskGroup', index, 'spec', 'env']);
  }
}

function checkMap(file: CheckedFile, path: Path): void {
  const node = file.node(...path);
  for (const [name, { value }] of node?.kind === 'map' ? node.entries : []) {
    if (value.kind !== 'scalar' || typeof value.value !== 'string') continue;
    const bytes = Buffer.byteLength(value.value);
    const most = MOST_VALUE_BYTES - Buffer.byteLength(name) - 2;
    if (bytes <= most) continue;
    const hint = 'put long text into a file: files: [{ path: …, text: … }]';
    file.reporter.error('bad-value', value, `the value of "${name}" has ${bytes} bytes, at most ${most} fit`, { hint });
  }
}
