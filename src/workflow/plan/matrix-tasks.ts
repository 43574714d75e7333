import type { Json } from '../../model/json.ts';
import type { Edge, Task } from '../../model/workflow.ts';
import type { CheckedFile } from '../checks/check.ts';
import { combinationHashes, combinationKey } from '../matrix/combination.ts';
import type { Combination } from '../matrix/expand.ts';
import { buildRetry } from './retry.ts';

/** Where each task of the file stands in the plan; a matrix task as its join, which its instances come before. */
export function planPositions(file: CheckedFile): readonly number[] {
  let next = 0;
  return file.data.taskGroup.map((_entry, index) => {
    next += (file.combinations.get(index)?.length ?? 0) + 1;
    return next - 1;
  });
}

/** The instances of a matrix and their join, in the order of the plan. `task` stands where the join will. */
export function matrixTasks(task: Task, combinations: readonly Combination[], maxParallel: number | null): Task[] {
  const hashes = combinationHashes(combinations);
  const axes = new Set(combinations.flatMap((combination) => [...combination.keys()]));
  const first = task.index - combinations.length;
  const instances = combinations.map((combination, position): Task => {
    const key = combinationKey(combination);
    const values = Object.fromEntries([...axes].map((axis): [string, Json] => [axis, combination.get(axis) ?? null]));
    return {
      ...task,
      index: first + position,
      id: `${task.name}.${hashes[position]}`,
      name: `${task.name}(${key})`,
      matrix: { kind: 'instance', of: task.name, key, values },
    };
  });
  return [...instances, joinTask(task, instances, maxParallel)];
}

function joinTask(task: Task, instances: readonly Task[], maxParallel: number | null): Task {
  return {
    ...task,
    matrix: { kind: 'join', instances: instances.map(({ index }) => index), maxParallel },
    parents: instances.map(({ index }): Edge => ({ task: index, when: 'always' })),
    spec: {},
    imports: [],
    condition: null,
    env: new Map(),
    files: [],
    retry: buildRetry(undefined),
    cache: null,
  };
}
