import type { FileEntry, TaskEntry, WorkflowFile } from '../../generated/workflow-file.ts';
import type { Spec, Text } from '../../model/template.ts';
import type { Edge, InjectedFile, Shell, Task } from '../../model/workflow.ts';
import { parseDuration } from '../../util/duration.ts';
import { parseSize } from '../../util/size.ts';
import { type CheckedFile, namedParents } from '../checks/check.ts';
import { type MapNode, type Path, toData } from '../yaml/tree.ts';
import type { Scope } from './bad-reference.ts';
import { buildCache } from './cache.ts';
import { buildResources } from './resources.ts';
import { buildRetry } from './retry.ts';
import { buildTags } from './tags.ts';
import { typeOf } from './task-type.ts';
import type { ScriptShell, TextCompiler } from './text-compiler.ts';

/** What all tasks of a file are built with. */
export interface TaskWorkshop {
  readonly file: CheckedFile;
  readonly compiler: TextCompiler;
  readonly defaults: NonNullable<WorkflowFile['defaults']>;
  /** The default working folder, compiled once. */
  readonly defaultWorkingDir: Text | null;
  /** Where each task of the file stands in the plan. */
  readonly positions: readonly number[];
}

type TaskScope = Extract<Scope, { kind: 'task' }>;

/** Builds one task of the file, `index` being its place there; `children` is filled in by whoever knows all tasks. */
export function buildTask(workshop: TaskWorkshop, index: number, entry: TaskEntry): Task {
  const { compiler, defaults } = workshop;
  const scope: TaskScope = { kind: 'task', index, task: entry };
  const path = ['taskGroup', index];
  const shell: Shell = entry.shell ?? defaults.shell ?? 'default';
  const text = (key: string) => compiler.text([...path, key], scope);
  return {
    index: workshop.positions[index] ?? index,
    id: entry.name,
    name: entry.name,
    matrix: null,
    description: entry.description ?? '',
    tags: buildTags(workshop.file, compiler, [...path, 'tags'], entry.tags),
    type: typeOf(entry),
    spec: buildSpec(workshop, path, entry, shell, scope),
    parents: buildEdges(workshop, index, entry),
    children: [],
    imports: (entry.imports ?? []).map(({ from, variable }) => ({ from, variable })),
    exports: (entry.exports ?? []).map(({ name, scope: reach, confidential, optional }) => {
      return { name, scope: reach ?? 'local', confidential: confidential ?? false, optional: optional ?? false };
    }),
    condition: entry.if === undefined ? null : compiler.condition([...path, 'if'], scope),
    env: buildEnv(workshop, path, entry, scope),
    shell,
    workingDir: entry.working_dir === undefined ? workshop.defaultWorkingDir : text('working_dir'),
    files: (entry.files ?? []).map((file, position) => buildFile(compiler, [...path, 'files', position], file, scope)),
    resultFile: entry.result_file === undefined ? null : text('result_file'),
    timeoutMs: parseDuration(entry.timeout ?? defaults.timeout ?? '6h') ?? 0,
    retry: buildRetry(entry.retry ?? defaults.retry),
    continueOnError: entry.continue_on_error ?? false,
    cache: entry.cache === undefined ? null : buildCache(compiler, [...path, 'cache'], entry.cache, scope),
    maxLogBytes: parseSize(entry.log?.max_size ?? '100MiB') ?? 0,
    resources: buildResources(entry),
  };
}

function buildSpec(workshop: TaskWorkshop, path: Path, entry: TaskEntry, given: Shell, scope: TaskScope): Task['spec'] {
  const { compiler, file } = workshop;
  const type = file.types.get(typeOf(entry));
  const shell: ScriptShell = given === 'default' ? { dialect: type?.scriptDialect } : given;
  const run = file.node(...path, 'run');
  if (run !== undefined) {
    const image = entry.image === undefined ? {} : { image: compiler.text([...path, 'image'], scope) };
    return { ...image, command: compiler.command(run, shell, scope) };
  }
  const node = file.node(...path, 'spec');
  if (node?.kind !== 'map' || type === undefined) return {};
  return Object.fromEntries(
    specEntries(node).map(([key, value]): [string, Spec] => {
      const use = type.templates[key] ?? 'text';
      if (use === 'command') return [key, compiler.command(value, shell, scope)];
      if (use === 'twice') return [key, compiler.twice(value, scope)];
      return [key, use === 'text' ? compiler.deepText(value, scope) : (toData(value) as Spec)];
    }),
  );
}

// `spec.env` is the seed's spelling of a task's environment and is merged into it.
function specEntries(node: MapNode) {
  return [...node.entries].filter(([key]) => key !== 'env').map(([key, { value }]) => [key, value] as const);
}

function buildEnv(workshop: TaskWorkshop, path: Path, entry: TaskEntry, scope: Scope): Map<string, Text | null> {
  const env = new Map<string, Text | null>();
  if (entry.env === undefined && entry.spec === undefined) return env;
  for (const place of [
    [...path, 'env'],
    [...path, 'spec', 'env'],
  ]) {
    const node = workshop.file.node(...place);
    if (node?.kind !== 'map') continue;
    for (const [name, { value }] of node.entries) {
      const inherits = value.kind === 'scalar' && value.value === null;
      env.set(name, inherits ? null : workshop.compiler.text([...place, name], scope));
    }
  }
  return env;
}

// One edge for each parent; an import waits for success whether or not `depends_on` names its task too.
function buildEdges({ file, positions }: TaskWorkshop, index: number, entry: TaskEntry): Edge[] {
  const edges = new Map<number, Edge>();
  const imported = (entry.imports ?? []).map(({ from }) => ({ name: from, when: 'success' as const }));
  for (const { name, when } of [...namedParents(index, entry), ...imported]) {
    const parent = positions[file.tasks.get(name)?.[0] ?? -1];
    if (parent !== undefined && !edges.has(parent)) edges.set(parent, { task: parent, when });
  }
  return [...edges.values()];
}

function buildFile(compiler: TextCompiler, path: Path, entry: FileEntry, scope: Scope): InjectedFile {
  const target = compiler.text([...path, 'path'], scope);
  const mode = Number.parseInt(entry.mode ?? '0600', 8);
  if (entry.base64 !== undefined) {
    return { path: target, mode, content: { kind: 'base64', data: entry.base64.replace(/\s/g, '') } };
  }
  if (entry.source !== undefined) {
    return { path: target, mode, content: { kind: 'source', path: compiler.text([...path, 'source'], scope) } };
  }
  return { path: target, mode, content: { kind: 'text', text: compiler.text([...path, 'text'], scope) } };
}
