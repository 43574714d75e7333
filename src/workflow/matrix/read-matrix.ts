import type { TaskEntry } from '../../generated/workflow-file.ts';
import type { Combination, Matrix, Scalar } from './expand.ts';

/** Keys of a `matrix` that are no axes. */
export const MATRIX_KEYS: ReadonlySet<string> = new Set(['include', 'exclude', 'max_parallel']);

/** The matrix of a task, from data that fits the schema. */
export function readMatrix(entry: NonNullable<TaskEntry['matrix']>): Matrix {
  const axes = Object.entries(entry).filter(([key]) => !MATRIX_KEYS.has(key));
  return {
    axes: new Map(axes.map(([axis, values]) => [axis, values as readonly Scalar[]])),
    include: (entry.include ?? []).map(toCombination),
    exclude: (entry.exclude ?? []).map(toCombination),
  };
}

function toCombination(entry: Readonly<Record<string, Scalar>>): Combination {
  return new Map(Object.entries(entry));
}
