import type { Path } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

/** Nobody sets what the program itself must set: OUTPUT_FILE and the variables that carry template values. */
export function checkEnvNames(file: CheckedFile): void {
  checkMap(file, ['env'], file.data.env);
  for (const [index, task] of file.data.taskGroup.entries()) {
    checkMap(file, ['taskGroup', index, 'env'], task.env);
    const specEnv = task.spec?.env;
    if (isRecord(specEnv)) checkMap(file, ['taskGroup', index, 'spec', 'env'], specEnv);
  }
}

function checkMap(file: CheckedFile, path: Path, env: Readonly<Record<string, unknown>> | undefined): void {
  for (const name of Object.keys(env ?? {})) {
    if (name === 'OUTPUT_FILE') {
      const hint = 'the task finds the path of its output file in it';
      file.reporter.error('bad-env-name', file.keyAt(...path, name), 'OUTPUT_FILE cannot be set', { hint });
    } else if (/^_R\d+$/.test(name)) {
      const hint = 'names such as _R1 carry the values of templates into scripts';
      file.reporter.error('bad-env-name', file.keyAt(...path, name), `${name} cannot be set`, { hint });
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
