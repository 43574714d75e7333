import { nearest } from '../../util/nearest.ts';
import { FILE_START } from '../decode.ts';
import { type Expansion, expandMatrix, type Matrix, productSize } from '../matrix/expand.ts';
import { MATRIX_KEYS, readMatrix } from '../matrix/read-matrix.ts';
import { describe } from '../schema/schema-errors.ts';
import type { Path, ScalarNode } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

/** Every matrix has values that are fixed, combinations that differ, and not too many of them; lays them out. */
export function checkMatrices(file: CheckedFile): void {
  let tasks = file.data.taskGroup.length;
  for (const [index, { matrix: entry }] of file.data.taskGroup.entries()) {
    if (entry === undefined) continue;
    const matrix = readMatrix(entry);
    checkValues(file, index, matrix);
    checkExports(file, index);
    const node = file.node('taskGroup', index, 'matrix');
    // What was cut out was reported; without it the rest would mislead.
    if (node?.kind !== 'map' || node.dropped.size > 0 || isTooLarge(file, index, matrix)) continue;
    const expansion = expandMatrix(matrix);
    reportExpansion(file, index, matrix, expansion);
    file.combinations.set(index, expansion.combinations);
    tasks += expansion.combinations.length;
    if (tasks > file.limits.tasks) {
      reportTooManyTasks(file);
      return;
    }
  }
}

function reportTooManyTasks(file: CheckedFile): void {
  const { tasks } = file.limits;
  file.reporter.error('too-large', FILE_START, `the file is too large: with all combinations more than ${tasks} tasks`);
}

function checkValues(file: CheckedFile, index: number, { axes, include, exclude }: Matrix): void {
  const path = ['taskGroup', index, 'matrix'];
  for (const [axis, values] of axes) {
    const seen = new Map<string, number>();
    for (const [position, value] of values.entries()) {
      checkValue(file, [...path, axis, position]);
      const first = seen.get(String(value));
      if (first === undefined) seen.set(String(value), position);
      else reportRepeated(file, [...path, axis], position, first);
    }
  }
  for (const [key, entries] of [['include', include] as const, ['exclude', exclude] as const]) {
    for (const [position, entry] of entries.entries()) {
      for (const axis of entry.keys()) {
        checkValue(file, [...path, key, position, axis]);
        if (MATRIX_KEYS.has(axis)) reportReserved(file, [...path, key, position, axis], axis);
      }
    }
  }
}

function checkValue(file: CheckedFile, path: Path): void {
  const node = file.node(...path);
  if (node?.kind !== 'scalar') return;
  if (String(node.value).includes('{{')) {
    file.reporter.error('not-static', node, 'the values of a matrix are fixed when the file is read', {
      hint: 'write the values themselves; the task can read inputs and other values where it uses them',
    });
  } else if (typeof node.value === 'number') checkNumber(file, node, node.value);
}

function checkNumber(file: CheckedFile, node: ScalarNode, value: number): void {
  const written = file.reporter.source.text.slice(node.start, node.end);
  if (written === String(value)) return;
  const message = `the number ${written} becomes ${value}`;
  file.reporter.warning('number-text', node, message, { hint: `to keep it as written put it in quotes: "${written}"` });
}

function reportRepeated(file: CheckedFile, axis: Path, position: number, first: number): void {
  const value = describe(file.node(...axis, position));
  file.reporter.error('duplicate-combination', file.at(...axis, position), `"${axis.at(-1)}" has ${value} twice`, {
    related: [{ message: 'first given here', range: file.at(...axis, first) }],
  });
}

function reportReserved(file: CheckedFile, path: Path, axis: string): void {
  const message = `"${axis}" cannot be the name of an axis: a matrix uses it`;
  file.reporter.error('reserved-name', file.keyAt(...path), message);
}

// Templates find the combinations of a matrix task under this name, beside its exports.
const INSTANCES = 'instances';

function checkExports(file: CheckedFile, index: number): void {
  for (const [position, { name }] of (file.data.taskGroup[index]?.exports ?? []).entries()) {
    if (name !== INSTANCES) continue;
    const message = `"${name}" cannot be an export of a task with a matrix: templates use it`;
    file.reporter.error('reserved-name', file.at('taskGroup', index, 'exports', position, 'name'), message);
  }
}

function isTooLarge(file: CheckedFile, index: number, matrix: Matrix): boolean {
  const { combinations: most } = file.limits;
  const size = productSize(matrix);
  if (size <= most) return false;
  const factors = [...matrix.axes.values()].map((values) => values.length);
  const shown = factors.length > 1 ? `${factors.join(' × ')} = ${size}` : String(size);
  const message = `the matrix is too large: ${shown} combinations, at most ${most}`;
  file.reporter.error('too-large', file.keyAt('taskGroup', index, 'matrix'), message, {
    hint: 'this counts the axes alone; for a few of many combinations list them under `include`',
  });
  return true;
}

function reportExpansion(file: CheckedFile, index: number, matrix: Matrix, expansion: Expansion): void {
  const path = ['taskGroup', index, 'matrix'];
  for (const position of expansion.idleExcludes) reportIdle(file, [...path, 'exclude', position], matrix, position);
  for (const position of expansion.repeatedIncludes) {
    const message = 'another include makes the same combination';
    file.reporter.error('duplicate-combination', file.at(...path, 'include', position), message);
  }
  const count = expansion.combinations.length;
  if (count > file.limits.combinations) {
    const message = `the matrix is too large: ${count} combinations, at most ${file.limits.combinations}`;
    file.reporter.error('too-large', file.keyAt(...path), message);
  } else if (count === 0) {
    const message =
      matrix.axes.size === 0 ? 'the matrix has neither axes nor `include`' : 'every combination is excluded';
    file.reporter.error('empty-matrix', file.keyAt(...path), message, {
      hint: matrix.axes.size === 0 ? 'for example `matrix: { os: [linux, macos] }`' : undefined,
    });
  }
}

function reportIdle(file: CheckedFile, path: Path, matrix: Matrix, position: number): void {
  const unknown = [...(matrix.exclude[position]?.keys() ?? [])].find((axis) => !matrix.axes.has(axis));
  const guess = unknown === undefined ? undefined : nearest(unknown, matrix.axes.keys());
  const reason =
    unknown === undefined ? '' : `: there is no axis "${unknown}"${guess ? `; did you mean "${guess}"?` : ''}`;
  file.reporter.warning('no-effect', file.at(...path), `this excludes no combination${reason}`);
}
