import type { Reference } from '../../model/template.ts';
import type { CheckedFile } from '../checks/check.ts';
import { type BadReference, question, type Scope, tooDeep, unknown } from './bad-reference.ts';
import { HOST_VARIABLES, ROOT_FIELDS, SYSTEM_VARIABLES } from './known-names.ts';
import { checkMatrixPath, listAsText, readMatrixPath } from './matrix-references.ts';

/**
 * What is wrong with a reference, or undefined when it will find a value. `isText` says that it stands alone where text is
 * wanted, not as the argument of a helper.
 */
export function checkReference(
  reference: Reference,
  scope: Scope,
  file: CheckedFile,
  isText: boolean,
): BadReference | undefined {
  const [root = '', name] = reference.path;
  if (!rootsOf(scope).includes(root) && ROOTS.includes(root)) return outOfScope(root, scope);
  switch (root) {
    case 'inputs':
      return named(reference, Object.keys(file.data.inputs ?? {}), 'input', `declare it under \`inputs\``);
    case 'secrets':
      return named(reference, file.data.secrets ?? [], 'secret', `add it to the list: secrets: [${name}]`);
    case 'env':
      return variable(reference, scope, file);
    case 'trigger':
    case 'workflow':
    case 'run':
      return field(reference, ROOT_FIELDS.get(root) ?? []);
    case 'matrix':
      return checkMatrixPath(reference.path, scope, file);
    case 'objects':
      return { code: 'not-yet', message: `"${root}" is not supported yet` };
    default:
      return scope.kind === 'task' ? exported(reference, scope, file, isText) : unknownRoot(reference, scope, file);
  }
}

const RUNNING = ['inputs', 'secrets', 'env', 'trigger', 'workflow', 'run'];
const ROOTS = [...RUNNING, 'matrix', 'objects'];

function rootsOf(scope: Scope): readonly string[] {
  if (scope.kind === 'env' || scope.kind === 'notify') return ['inputs', 'secrets', 'trigger', 'workflow', 'run'];
  return scope.kind === 'concurrency' ? ['inputs', 'trigger', 'workflow'] : ROOTS;
}

/** What a template stands in, in words. */
export const SCOPE_WORDS = {
  env: "the workflow's env",
  concurrency: 'concurrency',
  defaults: 'defaults',
  notify: 'notify',
  task: 'a task',
};

function outOfScope(root: string, scope: Scope): BadReference {
  const message = `${SCOPE_WORDS[scope.kind]} cannot read "${root}"`;
  return unknown(message, `it reads ${rootsOf(scope).join(', ')}`);
}

function named({ path }: Reference, known: readonly string[], what: string, advice: string): BadReference | undefined {
  const [root, name, ...rest] = path;
  if (name === undefined) return root === 'secrets' ? unknown('name the secret: secrets.NAME') : undefined;
  if (!known.includes(name)) return unknownName(what, name, known, advice);
  return rest.length > 0 ? tooDeep(path, 2) : undefined;
}

// Advice to add the name would mislead where it is only mistyped.
function unknownName(what: string, name: string, known: readonly string[], advice: string): BadReference {
  const guess = question(name, known);
  return unknown(`there is no ${what} "${name}"${guess}`, guess === '' ? advice : undefined);
}

function variable({ path }: Reference, scope: Scope, file: CheckedFile): BadReference | undefined {
  const [, name, ...rest] = path;
  if (name === undefined) return unknown('name the variable: env.NAME');
  const known = [...Object.keys(file.data.env ?? {}), ...SYSTEM_VARIABLES, ...HOST_VARIABLES];
  if (known.includes(name) || name.startsWith('LC_')) return rest.length > 0 ? tooDeep(path, 2) : undefined;
  const isOwn = scope.kind === 'task' && Object.hasOwn(scope.task.env ?? {}, name);
  const hint = isOwn
    ? `a task's own env is not there yet when its templates are rendered; in a script write "$${name}"`
    : `declare it under the workflow's \`env\`; for a value that a run chooses use \`inputs\`; in a script write "$${name}"`;
  return unknownName('variable', name, known, hint);
}

function field({ path }: Reference, known: readonly string[]): BadReference | undefined {
  const [root, name, ...rest] = path;
  if (name === undefined || (root === 'trigger' && name === 'payload')) return undefined;
  if (known.includes(name)) return rest.length > 0 ? tooDeep(path, 2) : undefined;
  return unknown(`"${root}" has no "${name}"${question(name, known)}`, `it has ${known.join(', ')}`);
}

function exported(
  reference: Reference,
  scope: Extract<Scope, { kind: 'task' }>,
  file: CheckedFile,
  isText: boolean,
): BadReference | undefined {
  const [from = '', ...rest] = reference.path;
  const { task, index } = scope;
  const imports = (task.imports ?? []).filter((entry) => entry.from === from);
  const producer = file.tasks.get(from);
  if (producer === undefined) {
    // The import, or the task itself, was reported.
    const reported = file.mentioned.has(from) || imports.length > 0;
    return reported ? undefined : unknownRoot(reference, scope, file);
  }
  if (from === task.name) return unknown(`task "${from}" cannot read its own exports`);
  const combinations = file.combinations.get(producer[0]);
  const read = combinations && readMatrixPath(plainPath(rest), producer[1], combinations);
  if (read?.kind === 'bad') return read.reference;
  const name = read ? read.variable : plainPath(rest)[0];
  if (name === undefined) return imports.length > 0 ? undefined : unknown(`name the value: ${from}.NAME`);
  if (combinations && isText && plainPath(rest).length === 1) return listAsText(from, name, combinations);
  if (imports.some((entry) => entry.variable === name)) return undefined;
  if (file.wasDropped(index, 'imports') || file.wasDropped(producer[0], 'exports')) return undefined;
  const exports = (producer[1].exports ?? []).map((entry) => entry.name);
  if (exports.includes(name)) {
    const message = `task "${task.name}" reads "${from}.${name}" but does not import it`;
    return { code: 'missing-import', message, hint: `add to it: imports: [{ from: ${from}, variable: ${name} }]` };
  }
  const hint = exports.length > 0 ? `it exports ${exports.join(', ')}` : `add to it: exports: [{ name: ${name} }]`;
  const message = `task "${from}" does not export "${name}"${question(name, exports)}`;
  return { code: 'unknown-export', message, hint };
}

// `task.variable`; the seed also writes `task.output.variable` and `task.outputs.variable`.
function plainPath(rest: readonly string[]): readonly string[] {
  const [first, second] = rest;
  return second !== undefined && (first === 'output' || first === 'outputs') ? rest.slice(1) : rest;
}

function unknownRoot({ path }: Reference, scope: Scope, file: CheckedFile): BadReference {
  const [root = ''] = path;
  if (file.mentioned.has(root)) return unknown(`${SCOPE_WORDS[scope.kind]} cannot read the exports of tasks`);
  const known = [...rootsOf(scope), ...(scope.kind === 'task' ? file.mentioned : [])];
  const message = `nothing is called "${root}" here${question(root, known)}`;
  const foreign = /^[A-Z]/.test(root) ? 'if another program should see the braces, write \\{{' : undefined;
  return unknown(message, foreign ?? `templates read ${RUNNING.join(', ')} and imported tasks; \\{{ is a literal {{`);
}
