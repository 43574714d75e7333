import type { Json, JsonObject } from '../model/json.ts';
import type { RunHeader, TaskEnd } from '../model/run.ts';
import { TemplateError } from '../model/template.ts';
import type { Task, Workflow } from '../model/workflow.ts';
import { MASK } from '../util/mask/secret-set.ts';
import { readsOf } from './cache/template-source.ts';
import { conditionEnd } from './condition.ts';
import { createScope } from './create-scope.ts';
import { isMet } from './edge.ts';
import type { Environment } from './environment.ts';
import { type Join, joinEnd } from './join.ts';
import { withPlaceholders } from './placeholders.ts';
import type { RenderPorts } from './ports.ts';
import { type RenderedJob, type RunScope, renderJob } from './render-job.ts';
import { selection } from './selection.ts';
import { initialState } from './state.ts';

/**
 * What a run would do with a task, as far as that is known before it: `runs` when all before it succeed; `depends` on how
 * they end or what they export; `skipped` or `fails` for certain.
 */
export type Fate = 'runs' | 'depends' | 'skipped' | 'fails';

/** A value that templates of a task read. `value` is null when it comes from a task that has not run. */
export interface ReadValue {
  readonly name: string;
  readonly value: string | null;
  readonly source: string;
}

/** One task of a plan. */
export interface TaskPreview {
  readonly task: Task;
  /** 1 for tasks that need nothing; tasks of one level can run at the same time. */
  readonly level: number;
  readonly fate: Fate;
  /** Why it is not simply run. */
  readonly reason: string | null;
  /** Whether its `if` holds; null when it has none or that is not known yet. */
  readonly condition: boolean | null;
  /** As its first attempt would be, unknown values as written in the file; null when it cannot be rendered. */
  readonly rendered: RenderedJob | null;
  readonly values: readonly ReadValue[];
}

/**
 * Plans a run without running anything: the same rendering as in a run, over values that are there already. Tasks come
 * level by level. Confidential values are in `ports.masks` afterwards. @throws {TemplateError} as `createScope` does.
 */
export function previewRun(
  workflow: Workflow,
  header: RunHeader,
  ports: RenderPorts,
  givenInputs: ReadonlySet<string>,
): readonly TaskPreview[] {
  const scope = createScope(initialState(workflow), header, ports);
  const previews = new Map<number, TaskPreview>();
  const ends = new Map<number, TaskEnd>();
  const isSelected = header.only ? selection(workflow, header.only) : () => true;
  for (const task of inOrder(workflow)) {
    const outlook =
      task.matrix?.kind === 'join'
        ? joinOutlook(task.matrix, previews, ends)
        : outlookOf(scope, task, isSelected(task), previews, ends);
    const below = Math.max(0, ...task.parents.map((edge) => previews.get(edge.task)?.level ?? 0));
    const preview =
      task.matrix?.kind === 'join'
        ? { task, level: below, ...outlook, rendered: null, values: [] }
        : { task, level: below + 1, ...settled(scope, task, outlook, givenInputs) };
    const end = outlook.end ?? (preview.fate === 'fails' ? unrenderable(preview.reason ?? '') : undefined);
    if (end) ends.set(task.index, end);
    previews.set(task.index, preview);
  }
  // A join does nothing of its own.
  const shown = [...previews.values()].filter(({ task }) => task.matrix?.kind !== 'join');
  return shown.sort((a, b) => a.level - b.level || a.task.index - b.task.index);
}

interface Outlook {
  readonly fate: Fate;
  readonly reason: string | null;
  readonly condition: boolean | null;
  /** The end that is certain. */
  readonly end?: TaskEnd;
}

// Parents before children; the loader refuses cycles.
function inOrder({ tasks }: Workflow): ReadonlySet<Task> {
  const open = tasks.map((task) => task.parents.length);
  const ready = new Set(tasks.filter((task) => task.parents.length === 0));
  for (const task of ready) {
    for (const index of task.children) {
      open[index] = (open[index] ?? 0) - 1;
      const child = tasks[index];
      if (child && open[index] === 0) ready.add(child);
    }
  }
  return ready;
}

// Runs when any instance does; ends for certain once all of them do.
function joinOutlook(
  { instances }: Join,
  previews: ReadonlyMap<number, TaskPreview>,
  ends: ReadonlyMap<number, TaskEnd>,
): Outlook {
  const certainEnds = instances.flatMap((index) => ends.get(index) ?? []);
  const end = certainEnds.length === instances.length ? joinEnd(certainEnds) : undefined;
  if (end) return { fate: end.status === 'skipped' ? 'skipped' : 'fails', reason: null, condition: null, end };
  const runs = instances.some((index) => previews.get(index)?.fate === 'runs');
  return { fate: runs ? 'runs' : 'depends', reason: null, condition: null };
}

function outlookOf(
  scope: RunScope<RenderPorts>,
  task: Task,
  isSelected: boolean,
  previews: ReadonlyMap<number, TaskPreview>,
  ends: ReadonlyMap<number, TaskEnd>,
): Outlook {
  if (!isSelected) return certain('not among the tasks asked for', 'not_selected');
  const doubts: string[] = [];
  for (const { task: index, when } of task.parents) {
    const parent = previews.get(index);
    const end = ends.get(index);
    if (!parent) throw new Error(`Internal error: no preview of task ${index}`);
    const name = parent.task.name;
    if (end && !isMet(when, parent.task, end)) return certain(`needs ${when} of "${name}", which is ${end.status}`);
    if (!end && when === 'failure') doubts.push(`only if "${name}" fails`);
    if (!end && when === 'success' && parent.fate === 'depends') doubts.push(`only if "${name}" runs`);
  }
  return conditionOutlook(scope, task, doubts);
}

function conditionOutlook(scope: RunScope<RenderPorts>, task: Task, doubts: readonly string[]): Outlook {
  const unknown = task.condition?.references.find(({ path }) => isImported(task, path));
  if (unknown) {
    const reason = [...doubts, `its "if" reads ${unknown.path.join('.')}`].join(', ');
    return { fate: 'depends', reason, condition: null };
  }
  const end = conditionEnd(scope, task);
  const reason = end && 'message' in end ? (end.message ?? null) : null;
  if (end) return { fate: end.status === 'skipped' ? 'skipped' : 'fails', reason, condition: false, end };
  const condition = task.condition ? true : null;
  if (doubts.length > 0) return { fate: 'depends', reason: doubts.join(', '), condition };
  return { fate: 'runs', reason: null, condition };
}

function certain(message: string, reason: 'not_selected' | 'dependency' = 'dependency'): Outlook {
  return { fate: 'skipped', reason: message, condition: null, end: { status: 'skipped', reason, message } };
}

function unrenderable(message: string): TaskEnd {
  return { status: 'failed', reason: 'bad_template', exitCode: null, message, outputs: {} };
}

function isImported(task: Task, [root]: readonly string[]): boolean {
  return task.imports.some(({ from }) => from === root);
}

function settled(
  scope: RunScope<RenderPorts>,
  task: Task,
  { fate, reason, condition }: Outlook,
  givenInputs: ReadonlySet<string>,
): Omit<TaskPreview, 'task' | 'level'> {
  if (fate === 'skipped') return { fate, reason, condition, rendered: null, values: [] };
  try {
    const rendered = renderJob(
      scope,
      withPlaceholders(task, ({ path }) => !isImported(task, path)),
      1,
    );
    const values = readValues(scope, task, rendered.environment, givenInputs);
    return { fate, reason, condition, rendered, values };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { fate: 'fails', reason: reason ?? error.message, condition, rendered: null, values: [] };
  }
}

function readValues(
  scope: RunScope<RenderPorts>,
  task: Task,
  environment: Environment,
  givenInputs: ReadonlySet<string>,
): ReadValue[] {
  const ofCondition = (task.condition?.references ?? []).map(({ path }) => path);
  const paths = [...ofCondition, ...readsOf(scope.state.workflow, task, environment)];
  const read = new Map(paths.map((path) => [path.join('.'), path]));
  return [...read].map(([name, path]) => {
    const [root = '', key = ''] = path;
    if (isImported(task, path)) return { name, value: null, source: `task ${root}` };
    if (root === 'secrets') return { name, value: MASK, source: 'secret' };
    if (root === 'env') return { name, ...variable(environment, key) };
    if (root === 'matrix') return { name, value: shown(matrixValue(task, key)), source: 'matrix' };
    const source = root !== 'inputs' ? root : givenInputs.has(key) ? 'input' : 'default';
    return { name, value: shown(valueAt(scope.root, path)), source };
  });
}

function matrixValue({ matrix }: Task, axis: string): Json {
  if (matrix?.kind !== 'instance') return null;
  return axis === '' ? matrix.values : (matrix.values[axis] ?? null);
}

function variable(environment: Environment, name: string): Omit<ReadValue, 'name'> {
  const found = environment.get(name);
  if (!found) return { value: '', source: 'env' };
  return { value: found.confidential ? MASK : found.text, source: `${found.source} env` };
}

function valueAt(root: JsonObject, path: readonly string[]): Json {
  let value: Json = root;
  for (const key of path) {
    const next: Json | undefined =
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string, Json>>)[key]
        : undefined;
    value = next ?? null;
  }
  return value;
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
