import type { TaskEntry } from '../../generated/workflow-file.ts';
import type { Call, CallInput } from '../../model/call.ts';
import type { Spec, Template } from '../../model/template.ts';
import { nameInFile, type Task } from '../../model/workflow.ts';
import { calledId } from '../../util/called-id.ts';
import type { CheckedFile } from '../checks/check.ts';
import type { ScalarNode, TreeNode } from '../yaml/tree.ts';

/** What the tasks of a file want of other workflows. That a call names one is checked here, what is there to call elsewhere. */
export function buildCalls(id: string, file: CheckedFile, tasks: readonly Task[]): Call[] {
  return file.data.taskGroup.flatMap((entry, index) => {
    if (!file.types.get(entry.type ?? '')?.calls) return [];
    const node = file.node('taskGroup', index, 'spec', 'workflow');
    const task = tasks.find((one) => nameInFile(one) === entry.name);
    if (node?.kind !== 'scalar' || typeof node.value !== 'string' || !task) return [];
    const workflow = targetOf(id, file, node, node.value);
    if (workflow === null) return [];
    const place = file.reporter.source.place(node);
    const inputs = inputsOf(file, entry, index, task.spec.inputs);
    return [{ task: entry.name, workflow, place, inputs, exports: exportsOf(file, entry, index) }];
  });
}

function targetOf(caller: string, file: CheckedFile, node: ScalarNode, target: string): string | null {
  if (target.includes('{{')) {
    const hint = 'for a choice, write one task for each and an `if`';
    file.reporter.error('unknown-workflow', node, 'which workflow is called cannot depend on a value', { hint });
    return null;
  }
  const id = calledId(caller, target);
  if (id === null) file.reporter.error('unknown-workflow', node, `"${target}" lies outside the folder of workflows`);
  else if (id === caller) file.reporter.error('call-cycle', node, 'a workflow cannot call itself');
  else return id;
  return null;
}

function exportsOf(file: CheckedFile, entry: TaskEntry, index: number): Call['exports'] {
  const { source } = file.reporter;
  return new Map(
    (entry.exports ?? []).map(({ name }, position) => {
      return [name, source.place(file.at('taskGroup', index, 'exports', position, 'name'))];
    }),
  );
}

function inputsOf(
  file: CheckedFile,
  entry: TaskEntry,
  index: number,
  compiled: Spec | undefined,
): ReadonlyMap<string, CallInput> {
  const inputs = new Map<string, CallInput>();
  const node = file.node('taskGroup', index, 'spec', 'inputs');
  if (node?.kind !== 'map') return inputs;
  for (const [name, { value }] of node.entries) {
    const leaf = (compiled as { readonly [key: string]: Spec } | undefined)?.[name] ?? null;
    if (typeof leaf === 'object' && leaf !== null) refuseSecrets(file, entry, value, name, leaf);
    const known = typeof leaf === 'object' ? undefined : leaf;
    inputs.set(name, { value: known, place: file.reporter.source.place(value) });
  }
  return inputs;
}

// Inputs are shown wherever their run is.
function refuseSecrets(file: CheckedFile, entry: TaskEntry, range: TreeNode, name: string, leaf: Spec & object): void {
  const { references = [] } = leaf as Partial<Template>;
  const secret = references.find(({ path: [root = '', variable = ''] }) => {
    if (root === 'secrets') return true;
    const producer = entry.imports?.some(({ from }) => from === root) ? file.tasks.get(root)?.[1] : undefined;
    return producer?.exports?.some((one) => one.name === variable && one.confidential === true) ?? false;
  });
  if (!secret) return;
  const hint = 'what inputs hold is shown; declare the secret under `secrets` of both files, and read it there';
  const message = `the input "${name}" cannot hold "${secret.path.join('.')}", which is confidential`;
  file.reporter.error('call-inputs', range, message, { hint });
}
