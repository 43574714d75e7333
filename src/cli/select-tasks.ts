import { nameInFile, type Task, type Workflow } from '../model/workflow.ts';
import { nearest } from '../util/nearest.ts';
import { splitList } from '../util/split-list.ts';

/** The tasks `--only` asks for, by their names in the plan; a matrix task's name stands for all its combinations. */
export interface Selection {
  readonly names: readonly string[];
  /** What is wrong with it; all at once. */
  readonly problems: readonly string[];
}

/** Finds the tasks asked for, and sees to it that everything they need is asked for too. */
export function selectTasks(workflow: Workflow, asked: readonly string[]): Selection {
  const byName = new Map(workflow.tasks.map((task) => [spelling(task.name), task]));
  const found = asked.map((text) => byName.get(spelling(text)) ?? null);
  const unknown = found.flatMap((task, index) => (task ? [] : [unknownTask(workflow, asked[index] ?? '')]));
  const tasks = found.filter((task) => task !== null);
  return { names: tasks.map(({ name }) => name), problems: [...unknown, ...missingParents(workflow, tasks)] };
}

// The order of the pairs in the parentheses does not matter.
function spelling(name: string): string {
  const [whole, task, pairs] = /^([^(]*)\((.*)\)$/s.exec(name.trim()) ?? [];
  if (whole === undefined) return name.trim();
  const sorted = splitList(pairs ?? '').map((pair) => pair.trim());
  return `${task}(${sorted.sort().join(',')})`;
}

const MOST_NAMES = 20;

function unknownTask({ tasks }: Workflow, text: string): string {
  const task = text.slice(0, text.indexOf('('));
  const instances = tasks.filter(({ matrix }) => matrix?.kind === 'instance' && matrix.of === task);
  if (instances.length > 0) {
    return `--only ${text}: task "${task}" has no such combination; it has ${listed(instances.map(({ name }) => name))}`;
  }
  const names = tasks.filter(({ matrix }) => matrix?.kind !== 'instance').map(({ name }) => name);
  if (text.includes('(') && names.includes(task)) return `--only ${text}: task "${task}" has no matrix`;
  const guess = nearest(text, names);
  const question = guess === undefined ? '' : `; did you mean "${guess}"?`;
  return `--only ${text}: there is no task "${text}"${question}; tasks are: ${listed(names)}`;
}

function listed(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
  return names.slice(0, MOST_NAMES).join(', ') + more;
}

function missingParents(workflow: Workflow, tasks: readonly Task[]): string[] {
  const asked = new Set(tasks.map(nameInFile));
  const complete = withParents(workflow, tasks);
  const problems = tasks.flatMap((task) => {
    const missing = parentsOf(workflow, task).filter((parent) => !asked.has(parent.name));
    if (missing.length === 0) return [];
    const list = missing.map((parent) => `"${parent.name}"`).join(' and ');
    return [`--only: "${task.name}" needs ${list}; write --only ${quoted(complete.join(','))}`];
  });
  return [...new Set(problems)];
}

// A shell reads parentheses itself.
function quoted(names: string): string {
  return /[()"]/.test(names) ? `'${names}'` : names;
}

/** What a task waits for, matrix tasks as a whole. */
function parentsOf({ tasks }: Workflow, task: Task): readonly Task[] {
  const [first] = task.matrix?.kind === 'join' ? task.matrix.instances : [];
  const worker = first === undefined ? task : tasks[first];
  return (worker?.parents ?? []).flatMap((edge) => tasks[edge.task] ?? []);
}

/** The names of the tasks and of all they need, in file order. */
function withParents(workflow: Workflow, tasks: readonly Task[]): readonly string[] {
  const wanted = new Set(tasks);
  const asked = new Set(tasks.map(nameInFile));
  for (const task of wanted) {
    for (const parent of parentsOf(workflow, task)) if (!asked.has(parent.name)) wanted.add(parent);
  }
  return workflow.tasks.flatMap((task) => (wanted.has(task) ? [task.name] : []));
}
