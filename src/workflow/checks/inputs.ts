import type { InputEntry } from '../../generated/workflow-file.ts';
import { describe } from '../schema/schema-errors.ts';
import type { CheckedFile } from './check.ts';

/** Defaults and allowed values of inputs have the input's type, and a default is one of the allowed values. */
export function checkInputs(file: CheckedFile): void {
  for (const [name, input] of Object.entries(file.data.inputs ?? {})) {
    for (const position of (input.enum ?? []).keys()) checkType(file, name, input, ['enum', position]);
    if (input.default === undefined) continue;
    const range = file.at('inputs', name, 'default');
    if (!checkType(file, name, input, ['default'])) continue;
    if (input.enum !== undefined && !input.enum.includes(input.default)) {
      const hint = `one of ${input.enum.join(', ')}`;
      file.reporter.error('bad-value', range, `the default of "${name}" is not one of its values`, { hint });
    }
    if (input.required === true) {
      const message = `the input "${name}" has a default, so a run need not give it`;
      file.reporter.warning('no-effect', file.keyAt('inputs', name, 'required'), message, {
        hint: 'remove `required` or `default`',
      });
    }
  }
}

function checkType(file: CheckedFile, name: string, input: InputEntry, path: readonly (string | number)[]): boolean {
  const type = input.type ?? 'string';
  const node = file.node('inputs', name, ...path);
  const found = node?.kind === 'scalar' ? typeof node.value : 'nothing';
  if (found === type) return true;
  const what = path[0] === 'enum' ? `a value of "${name}"` : `the default of "${name}"`;
  const words = { string: 'text', number: 'a number', boolean: 'true or false' };
  const hint = type === 'string' ? 'put it in quotes, or give the input another `type`' : undefined;
  const range = file.at('inputs', name, ...path);
  file.reporter.error('wrong-type', range, `${what} must be ${words[type]}, not ${describe(node)}`, { hint });
  return false;
}
