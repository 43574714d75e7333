import type { TaskEntry } from '../../generated/workflow-file.ts';
import type { CheckedFile } from '../checks/check.ts';
import { combinationKey } from '../matrix/combination.ts';
import type { Combination } from '../matrix/expand.ts';
import { type BadReference, question, type Scope, tooDeep, unknown } from './bad-reference.ts';

/** What is wrong with a path that begins with `matrix`. */
export function checkMatrixPath(path: readonly string[], scope: Scope, file: CheckedFile): BadReference | undefined {
  if (scope.kind !== 'task') return unknown('only a task with a matrix can read it');
  if (scope.task.matrix === undefined) {
    if (file.wasDropped(scope.index, 'matrix')) return undefined;
    return unknown(`task "${scope.task.name}" has no matrix`, 'add to it, for example: matrix: { os: [linux, macos] }');
  }
  const combinations = file.combinations.get(scope.index);
  const [, axis, ...rest] = path;
  if (combinations === undefined || axis === undefined) return undefined;
  const known = new Set(combinations.flatMap((combination) => [...combination.keys()]));
  if (known.has(axis)) return rest.length > 0 ? tooDeep(path, 2) : undefined;
  return unknown(`the matrix has no "${axis}"${question(axis, known)}`, `it has ${[...known].join(', ')}`);
}

/** What a path below the name of a matrix task stands for. */
export type MatrixRead =
  /** An export by its name, or undefined where a whole combination, or all of them, are read. */
  | { readonly kind: 'export'; readonly variable: string | undefined }
  | { readonly kind: 'bad'; readonly reference: BadReference };

/** Reads `test.version`, `test.version.0` or `test.instances.[os=linux].version`, given what follows the task's name. */
export function readMatrixPath(
  rest: readonly string[],
  producer: TaskEntry,
  combinations: readonly Combination[],
): MatrixRead {
  const { name } = producer;
  const [first, second, third, fourth] = rest;
  if (first !== 'instances') {
    const isInside = second === undefined || (/^(?:0|[1-9]\d*)$/.test(second) && Number(second) < combinations.length);
    if (isInside && third === undefined) return { kind: 'export', variable: first };
    const range = `0 to ${combinations.length - 1}`;
    return bad(`"${name}.${first}" is a list with the items ${range}`, byKeyHint(name, first ?? '', combinations));
  }
  const keys = combinations.map(combinationKey);
  if (second !== undefined && !keys.includes(second)) {
    return bad(`task "${name}" has no combination "${second}"${question(second, keys)}`, `it has ${shown(keys)}`);
  }
  if (fourth !== undefined) return { kind: 'bad', reference: tooDeep([name, ...rest], 4) };
  return { kind: 'export', variable: third };
}

/** Why a list of exports cannot stand where text is wanted. */
export function listAsText(task: string, variable: string, combinations: readonly Combination[]): BadReference {
  const message = `"${task}.${variable}" is a list: task "${task}" has a matrix`;
  return { code: 'list-as-text', message, hint: byKeyHint(task, variable, combinations) };
}

function byKeyHint(task: string, variable: string, [first]: readonly Combination[]): string {
  const key = first === undefined ? '' : combinationKey(first);
  return `write {{ json ${task}.${variable} }}, {{ join ${task}.${variable} " " }} or {{ ${task}.instances.[${key}].${variable} }}`;
}

function bad(message: string, hint: string): MatrixRead {
  return { kind: 'bad', reference: unknown(message, hint) };
}

const MOST_KEYS = 5;

function shown(keys: readonly string[]): string {
  const more = keys.length > MOST_KEYS ? `, and ${keys.length - MOST_KEYS} more` : '';
  return keys.slice(0, MOST_KEYS).join('; ') + more;
}
