import type { RunEvent } from '../../model/event.ts';
import type { RunHeader, TaskEnd } from '../../model/run.ts';
import type { RunRecord, StateStore } from '../../model/state-store.ts';
import type { Task, Workflow } from '../../model/workflow.ts';
import { resolveInputs } from '../inputs.ts';
import type { SchedulerPorts } from '../scheduler-ports.ts';
import { type BrokenWorkflow, type FireWish, isBroken, manualWish } from './wish.ts';

/** What of an earlier run is done again: all of it, what did not succeed, or one task; always with all that depends on it. */
export type RerunScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'from'; readonly task: string };

/** A wish to repeat a run. */
export interface RerunRequest {
  readonly run: string;
  readonly scope: RerunScope;
  /** The workflow as it is now; null repeats the run as it was defined. */
  readonly current: FireWish['workflow'] | null;
  readonly initiator: string;
}

/** Why a run cannot be repeated. */
export type RerunProblem = 'unknown-run' | 'not-over' | 'unknown-task';

/** Makes the wish that repeats a run, with its inputs and its firing; what need not be done again is taken over as it ended. */
export async function rerunWish(
  { state, reload }: Pick<SchedulerPorts, 'state' | 'reload'>,
  { run, scope, current, initiator }: RerunRequest,
): Promise<FireWish | RerunProblem> {
  const record = state.run(run);
  if (!record) return 'unknown-run';
  if (record.endedAt === null) return 'not-over';
  const history = await state.events(run);
  const header = headerOf(history);
  const found = current ?? reloaded(record, state, reload);
  const { inputs, workflow } = isBroken(found) ? { workflow: found, inputs: {} } : withInputs(found, header);
  const kept = isBroken(workflow) ? new Map<string, TaskEnd>() : keptEnds(workflow, history, scope, run);
  if (kept === null) return 'unknown-task';
  const { env, withSecrets } = record;
  const { firing, only } = header;
  return manualWish(workflow, initiator, { firing, inputs, env, only, withSecrets, repeats: { run, kept } });
}

/** The ends that stand, by task; null when there is no task of the name given. Tasks that are new have none. */
export function keptEnds(
  workflow: Workflow,
  history: readonly RunEvent[],
  scope: RerunScope,
  run: string,
): ReadonlyMap<string, TaskEnd> | null {
  const ends = new Map(history.flatMap((event) => (event.type === 'task-ended' ? [[event.task, event.end]] : [])));
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

function headerOf([first]: readonly RunEvent[]): RunHeader {
  if (first?.type !== 'run-created') throw new Error('Internal error: a run that does not begin');
  return first.run;
}

function reloaded(
  { definition: hash, header }: RunRecord,
  state: StateStore,
  reload: SchedulerPorts['reload'],
): FireWish['workflow'] {
  const definition = state.definition(hash);
  const workflow = definition && reload(definition);
  return workflow ?? { id: header.workflow, problem: 'the definition of the run cannot be read any more' };
}

/** A workflow that changed since may want other inputs: those it does not know are left out, new ones take their defaults. */
function withInputs(workflow: Workflow, { inputs }: RunHeader): Pick<FireWish, 'workflow' | 'inputs'> {
  const known = Object.entries(inputs).filter(([name]) => workflow.inputs.has(name));
  const resolved = resolveInputs(workflow.inputs, new Map(known.map(([name, value]) => [name, String(value)])));
  if (resolved.ok) return { workflow, inputs: resolved.values };
  const broken: BrokenWorkflow = { id: workflow.id, problem: resolved.problems.join('; ') };
  return { workflow: broken, inputs: {} };
}
