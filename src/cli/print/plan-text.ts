import type { Json, JsonObject } from '../../model/json.ts';
import { harmlessLine } from '../../util/terminal-text.ts';
import type { PlannedTask, PlannedVariable, RunPlan } from './plan-json.ts';

/** The plan of a run as people read it: level by level, each task with what it would get. */
export function planText(plan: RunPlan): string {
  const lines = [
    `Plan of ${plan.workflow.file}: ${count(plan.tasks.length, 'task')} in ${count(plan.levels.length, 'level')}, at most ${plan.max_parallel} at once. Nothing was started.`,
  ];
  const shared = sharedVariables(plan);
  if (shared.size > 0) lines.push('', 'env of every task:', ...rows(variableRows([...shared.values()]), '  '));
  for (const level of plan.levels.keys()) {
    lines.push('', `level ${level + 1}`);
    for (const task of plan.tasks) if (task.level === level + 1) lines.push(...taskLines(task, shared));
  }
  return `${lines.map((line) => harmlessLine(line, false)).join('\n')}\n`;
}

// What is the same in all tasks is told once.
function sharedVariables({ tasks }: RunPlan): ReadonlyMap<string, PlannedVariable> {
  const rendered = tasks.filter(({ spec }) => spec !== null);
  if (rendered.length < 2) return new Map();
  const uses = new Map<string, number>();
  const all = rendered.flatMap(({ env }) => env.map((variable) => [keyOf(variable), variable] as const));
  for (const [key] of all) uses.set(key, (uses.get(key) ?? 0) + 1);
  return new Map(all.filter(([key]) => uses.get(key) === rendered.length));
}

function keyOf({ name, value, source }: PlannedVariable): string {
  return JSON.stringify([name, value, source]);
}

function variableRows(variables: readonly PlannedVariable[]): Row[] {
  return variables.map(({ name, value, source }) => [name, value, source]);
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function taskLines(task: PlannedTask, shared: ReadonlyMap<string, PlannedVariable>): string[] {
  const needs = task.needs.map(({ task: name, when }) => (when === 'success' ? name : `${name} (${when})`));
  const after = needs.length > 0 ? `, after ${needs.join(', ')}` : '';
  return [
    `  ${task.name}: ${FATES[task.fate]}${task.reason === null ? '' : ` (${task.reason})`}${after}`,
    ...(task.if ? [`    if: ${task.if.expression} [${HOLDS[String(task.if.holds)]}]`] : []),
    ...(task.spec ? specLines(task.spec) : []),
    ...(task.working_dir === null ? [] : [`    working_dir: ${task.working_dir}`]),
    ...task.files.map(({ path, mode }) => `    file: ${path} (${mode})`),
    ...table(
      'reads',
      task.values.map(({ name, value, source }) => [name, value ?? `{{ ${name} }}`, source]),
    ),
    ...table('env', variableRows(task.env.filter((variable) => !shared.has(keyOf(variable))))),
  ];
}

const FATES: Readonly<Record<PlannedTask['fate'], string>> = {
  runs: 'runs',
  depends: 'may run',
  skipped: 'is skipped',
  fails: 'fails',
};

const HOLDS: Readonly<Record<string, string>> = { true: 'holds', false: 'does not hold', null: 'not known yet' };

function specLines(spec: JsonObject): string[] {
  return Object.entries(spec).flatMap(([key, value]) => {
    const text = shown(value);
    if (!text.includes('\n')) return [`    ${key}: ${text}`];
    return [
      `    ${key}: |`,
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => `      ${line}`),
    ];
  });
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

type Row = readonly [name: string, value: string, source: string];

function table(title: string, lines: readonly Row[]): string[] {
  return lines.length === 0 ? [] : [`    ${title}:`, ...rows(lines, '      ')];
}

function rows(lines: readonly Row[], indent: string): string[] {
  const width = Math.max(...lines.map(([, , source]) => source.length));
  return lines.map(
    ([name, value, source]) => `${indent}${source.padEnd(width)}  ${name}=${value.replaceAll('\n', '\\n')}`,
  );
}
