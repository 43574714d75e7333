import type { Workflow } from '../model/workflow.ts';

/** A matrix task's own bound on how many of its instances run at once. */
export interface MatrixBound {
  readonly most: number;
  /** Instances that hold a place now. */
  active: number;
  /** Indexes of instances whose turn came while the bound was reached, in that order; those before `head` were taken. */
  readonly held: number[];
  head: number;
}

/** The bound of each task by its index; undefined for most. Instances of one matrix share theirs. */
export function matrixBounds({ tasks }: Workflow): readonly (MatrixBound | undefined)[] {
  const bounds: (MatrixBound | undefined)[] = [];
  for (const { matrix } of tasks) {
    if (matrix?.kind !== 'join' || matrix.maxParallel === null) continue;
    const bound: MatrixBound = { most: matrix.maxParallel, active: 0, held: [], head: 0 };
    for (const instance of matrix.instances) bounds[instance] = bound;
  }
  return bounds;
}

/** Whether one more instance may run. */
export function hasRoom(bound: MatrixBound): boolean {
  return bound.active < bound.most;
}
