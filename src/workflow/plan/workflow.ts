import type { InputEntry } from '../../generated/workflow-file.ts';
import type { Text } from '../../model/template.ts';
import type { Concurrency, InputDefinition, NotifyEntry, Task, Workflow } from '../../model/workflow.ts';
import { parseDuration } from '../../util/duration.ts';
import type { CheckedFile } from '../checks/check.ts';
import { buildCalls } from './calls.ts';
import { matrixTasks, planPositions } from './matrix-tasks.ts';
import { buildTags } from './tags.ts';
import { buildTask, type TaskWorkshop } from './task.ts';
import type { TextCompiler } from './text-compiler.ts';
import { buildTriggers } from './triggers.ts';

/** Builds the plan of a file. What is wrong with its templates is reported on the way; then the plan is not to be used. */
export function buildWorkflow(id: string, file: CheckedFile, compiler: TextCompiler): Workflow {
  const { data, reporter } = file;
  const slash = id.indexOf('/');
  const tasks = buildTasks(file, compiler);
  return {
    id,
    name: data.name ?? id,
    namespace: slash < 0 ? '' : id.slice(0, slash),
    description: data.description ?? '',
    tags: buildTags(file, compiler, ['tags'], data.tags),
    source: { file: reporter.source.file, text: reporter.source.text },
    triggers: buildTriggers(data.on, file.triggers.keys()),
    inputs: new Map(Object.entries(data.inputs ?? {}).map(([name, entry]) => [name, buildInput(name, entry)])),
    env: buildEnv(file, compiler),
    secrets: [...new Set(data.secrets)],
    concurrency: buildConcurrency(id, file, compiler),
    timeoutMs: data.timeout === undefined ? null : parseDuration(data.timeout),
    failFast: data.fail_fast ?? false,
    maxParallel: data.max_parallel ?? null,
    tasks,
    calls: buildCalls(id, file, tasks),
    notify: buildNotify(file, compiler),
  };
}

function buildInput(name: string, entry: InputEntry): InputDefinition {
  return {
    name,
    type: entry.type ?? 'string',
    description: entry.description ?? '',
    values: entry.enum ?? null,
    default: entry.default ?? null,
    required: entry.required ?? false,
  };
}

function buildEnv(file: CheckedFile, compiler: TextCompiler): Map<string, Text> {
  const names = Object.keys(file.data.env ?? {});
  return new Map(names.map((name) => [name, compiler.text(['env', name], { kind: 'env' })]));
}

function buildConcurrency(id: string, file: CheckedFile, compiler: TextCompiler): Concurrency | null {
  const entry = file.data.concurrency;
  if (entry === undefined) return null;
  const hasGroup = entry.group !== undefined;
  return {
    group: hasGroup ? compiler.text(['concurrency', 'group'], { kind: 'concurrency' }) : id,
    limit: entry.limit ?? 1,
    onConflict: entry.on_conflict ?? 'queue',
  };
}

function buildNotify(file: CheckedFile, compiler: TextCompiler): NotifyEntry[] {
  return (file.data.notify ?? []).map(({ type, when }, position) => {
    const node = file.node('notify', position, 'spec');
    const entries = node?.kind === 'map' ? [...node.entries] : [];
    const spec = entries.map(([key, { value }]) => [key, compiler.deepText(value, { kind: 'notify' })] as const);
    return { type, when: when ?? ['success', 'failure', 'cancelled'], spec: Object.fromEntries(spec) };
  });
}

function buildTasks(file: CheckedFile, compiler: TextCompiler): Task[] {
  const defaults = file.data.defaults ?? {};
  const path = ['defaults', 'working_dir'];
  const defaultWorkingDir = defaults.working_dir === undefined ? null : compiler.text(path, { kind: 'defaults' });
  const workshop: TaskWorkshop = { file, compiler, defaults, defaultWorkingDir, positions: planPositions(file) };
  const tasks = file.data.taskGroup.flatMap((entry, index) => {
    const task = buildTask(workshop, index, entry);
    const combinations = file.combinations.get(index);
    return combinations ? matrixTasks(task, combinations, entry.matrix?.max_parallel ?? null) : [task];
  });
  return withChildren(tasks);
}

function withChildren(tasks: readonly Task[]): Task[] {
  const children = tasks.map((): number[] => []);
  for (const task of tasks) for (const parent of task.parents) children[parent.task]?.push(task.index);
  return tasks.map((task, index) => ({ ...task, children: children[index] ?? [] }));
}
