import type { Json, JsonObject } from '../model/json.ts';
import type { Outputs } from '../model/run.ts';
import type { Import } from '../model/workflow.ts';
import { endOf, type RunState } from './state.ts';

/** The name under which a matrix task's combinations stand by their keys, beside its exports. */
const INSTANCES = 'instances';

/**
 * What templates read under the name of a task: its exports that are imported. Of a matrix task each is a list in the order
 * of the matrix, null where a combination has none; `instances` has the values by combination.
 */
export function importedValues(state: RunState, from: string, imports: readonly Import[]): JsonObject {
  const variables = imports.flatMap((entry) => (entry.from === from ? [entry.variable] : []));
  const instances = instancesOf(state, from);
  if (!instances) return valuesOf(state, state.indexOf.get(from), variables);
  const values: Record<string, Json> = Object.create(null);
  const byKey: Record<string, Json> = Object.create(null);
  for (const { key, index } of instances) byKey[key] = valuesOf(state, index, variables);
  for (const variable of variables) {
    values[variable] = instances.map(({ index }) => outputsOf(state, index)[variable]?.value ?? null);
  }
  return Object.assign(values, { [INSTANCES]: byKey });
}

/** Whether anything a path below a task's name stands for must be masked. */
export function isConfidentialImport(state: RunState, [from = '', first = '', ...below]: readonly string[]): boolean {
  const instances = instancesOf(state, from);
  if (!instances) return hasConfidential(state, state.indexOf.get(from), first);
  const [second, third] = below;
  if (first === INSTANCES) {
    return instances.some(({ key, index }) => (second ?? key) === key && hasConfidential(state, index, third));
  }
  return instances.some(({ index }, position) => {
    return (second ?? String(position)) === String(position) && hasConfidential(state, index, first);
  });
}

interface Instance {
  readonly key: string;
  readonly index: number;
}

function instancesOf({ workflow, indexOf }: RunState, name: string): readonly Instance[] | null {
  const role = workflow.tasks[indexOf.get(name) ?? -1]?.matrix;
  if (role?.kind !== 'join') return null;
  return role.instances.map((index) => {
    const instance = workflow.tasks[index]?.matrix;
    if (instance?.kind !== 'instance') throw new Error(`Internal error: task ${index} is no instance of ${name}`);
    return { key: instance.key, index };
  });
}

function outputsOf(state: RunState, index: number | undefined): Outputs {
  const end = endOf(state, index ?? -1);
  return end && 'outputs' in end ? end.outputs : {};
}

function valuesOf(state: RunState, index: number | undefined, variables: readonly string[]): JsonObject {
  const values: Record<string, Json> = Object.create(null);
  const outputs = outputsOf(state, index);
  for (const variable of variables) {
    const output = outputs[variable];
    if (output) values[variable] = output.value;
  }
  return values;
}

function hasConfidential(state: RunState, index: number | undefined, variable: string | undefined): boolean {
  const outputs = outputsOf(state, index);
  const asked = variable === undefined ? Object.values(outputs) : [outputs[variable]];
  return asked.some((output) => output?.confidential === true);
}
