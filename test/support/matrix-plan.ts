import type { EdgeCondition } from '../../src/model/workflow.ts';
import type { PlanTask } from './plan.ts';

/** What a matrix of a test plan has besides its keys. */
export interface PlanMatrix extends Partial<PlanTask> {
  readonly name: string;
  readonly keys: readonly string[];
  /** The index of the first instance in the plan. */
  readonly at?: number;
  readonly maxParallel?: number;
}

/** The instances of a matrix with one axis, and their join, as the loader makes them. */
export function matrix({ name, keys, at = 0, maxParallel, after = {}, ...task }: PlanMatrix): PlanTask[] {
  const instances = keys.map((key): PlanTask => {
    const values = { v: key };
    return {
      ...task,
      after,
      name: `${name}(v=${key})`,
      id: `${name}.${key}`,
      matrix: { kind: 'instance', of: name, key: `v=${key}`, values },
    };
  });
  const { condition: _condition, retry: _retry, imports: _imports, ...rest } = task;
  const join: PlanTask = {
    ...rest,
    name,
    after: Object.fromEntries(instances.map((instance): [string, EdgeCondition] => [instance.name, 'always'])),
    matrix: { kind: 'join', instances: keys.map((_key, index) => at + index), maxParallel: maxParallel ?? null },
  };
  return [...instances, join];
}
