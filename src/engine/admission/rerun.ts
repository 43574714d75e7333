import type { RunHeader, TaskEnd } from '../../model/run.ts';
import type { RunRecord } from '../../model/state-store.ts';
import type { Task, Workflow } from '../../model/workflow.ts';
import { type ResolvedInputs, resolveInputs } from '../inputs.ts';
import { type FireWish, manualWish } from './wish.ts';

/** What of an earlier run is done again: all of it, what did not succeed, or one task; always with all that depends on it. */
export type RerunScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'from'; readonly task: string };

/** A run that is over, and how its tasks ended, by name. */
export interface EndedRun {
  readonly record: RunRecord;
  readonly header: RunHeader;
  readonly ends: ReadonlyMap<string, TaskEnd>;
}

/**
 * Makes the wish that repeats a run, with its inputs and its firing: of `workflow`, which is the one it was made from or what became
 * of that since. What need not be done again is taken over as it ended. Null when there is no task of the name given.
 */
export function rerunWish(
  { record, header, ends }: EndedRun,
  workflow: Workflow,
  scope: RerunScope,
  initiator: string,
): FireWish | null {
  const { env, withSecrets } = record;
  const { firing, only, id } = header;
  const kept = keptEnds(workflow, ends, scope, id);
  if (kept === null) return null;
  const inputs = inputsFor(workflow, header);
  const found = inputs.ok ? workflow : { id: workflow.id, problem: inputs.problems.join('; ') };
  const rest = { firing, env, only, withSecrets, repeats: { run: id, kept } };
  return manualWish(found, initiator, { ...rest, inputs: inputs.ok ? inputs.values : {} });
}

/** The ends that stand, by task; null when there is no task of the name given. Tasks that are new have none. */
function keptEnds(
  workflow: Workflow,
  ends: ReadonlyMap<string, TaskEnd>,
  scope: RerunScope,
  run: string,
): ReadonlyMap<string, TaskEnd> | null {
  const isAgain = beginning(workflow, ends, scope);
  if (isAgain === null) return null;
  const again = withDependents(workflow, workflow.tasks.filter(isAgain));
  const kept = workflow.tasks.filter((task) => !again.has(task));
  return new Map(kept.flatMap(({ name }) => entryOf(name, ends.get(name), run)));
}

/** Which tasks are done again whatever the others do. */
function beginning(
  workflow: Workflow,
  ends: ReadonlyMap<string, TaskEnd>,
  scope: RerunScope,
): ((task: Task) => boolean) | null {
  if (scope.kind === 'all') return () => true;
  const isNew = (task: Task) => !ends.has(task.name);
  if (scope.kind === 'failed') {
    return (task) => isNew(task) || ['failed', 'cancelled'].includes(ends.get(task.name)?.status ?? '');
  }
  const { task: wanted } = scope;
  const isMeant = ({ name, matrix }: Task) => name === wanted || (matrix?.kind === 'instance' && matrix.of === wanted);
  return workflow.tasks.some(isMeant) ? (task) => isNew(task) || isMeant(task) : null;
}

function withDependents(workflow: Workflow, tasks: readonly Task[]): ReadonlySet<Task> {
  const all = new Set(tasks);
  // A set that grows while it is walked reaches every descendant, each once.
  for (const { children } of all) for (const index of children) all.add(workflow.tasks[index] as Task);
  return all;
}

function entryOf(name: string, end: TaskEnd | undefined, run: string): [string, TaskEnd][] {
  if (!end) return [];
  if (end.status === 'skipped') return [[name, end]];
  return [[name, { ...end, notes: [...(end.notes ?? []), `taken over from run ${run}`] }]];
}

/** A workflow that changed since may want other inputs: those it does not know are left out, new ones take their defaults. */
function inputsFor(workflow: Workflow, { inputs }: RunHeader): ResolvedInputs {
  const known = Object.entries(inputs).filter(([name]) => workflow.inputs.has(name));
  return resolveInputs(workflow.inputs, new Map(known.map(([name, value]) => [name, String(value)])));
}
