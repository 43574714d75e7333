import type { Diagnostic } from '../model/diagnostic.ts';
import type { SpecType } from '../model/extension.ts';
import type { BrokenPlugin, TaskType } from '../model/ports.ts';
import type { Workflow } from '../model/workflow.ts';
import { CHECKS } from './checks/all.ts';
import { CheckedFile } from './checks/check.ts';
import { decode, FILE_START } from './decode.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import type { TemplateCompiler } from './plan/templates.ts';
import { TextCompiler } from './plan/text-compiler.ts';
import { buildWorkflow } from './plan/workflow.ts';
import type { Reporter } from './reporter.ts';
import { reportStrayCommas } from './schema/stray-commas.ts';
import { validateFile } from './schema/validate-file.ts';
import { parse } from './yaml/parse.ts';
import type { MapNode } from './yaml/tree.ts';

/** A file to load: its path for messages, the id of its workflow, its content. */
export interface WorkflowBytes {
  readonly file: string;
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** What the loader must know about the world. */
export interface LoadOptions {
  /** The task types that can run, by name. */
  readonly types: ReadonlyMap<string, TaskType>;
  /** Triggers, notifiers and template helpers that plugins bring, by name. */
  readonly triggers?: ReadonlyMap<string, SpecType>;
  readonly notifiers?: ReadonlyMap<string, SpecType>;
  readonly helpers?: ReadonlySet<string>;
  /** Plugins that cannot be used, for messages about what is missing. */
  readonly brokenPlugins?: readonly BrokenPlugin[];
  readonly limits?: Limits;
  /** What reads scripts of tasks without `shell`. */
  readonly dialect: 'bash' | 'sh';
}

/** A workflow, or null with the errors that prevent it; warnings and remarks come with both. In the order of the file. */
export interface Loaded {
  readonly workflow: Workflow | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Turns the bytes of a workflow file into a plan, or into everything that is wrong with it. Never guesses, never throws for a file's sake. */
export async function loadWorkflow(source: WorkflowBytes, options: LoadOptions): Promise<Loaded> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const reporter = decode(source.file, source.bytes, limits);
  const workflow = reporter.failed ? null : await build(source.id, reporter, options, limits);
  return { workflow: reporter.failed ? null : workflow, diagnostics: reporter.sorted() };
}

async function build(id: string, reporter: Reporter, options: LoadOptions, limits: Limits): Promise<Workflow | null> {
  const tree = parse(reporter, limits);
  if (tree === null || hasTooManyTasks(tree, reporter, limits)) return null;
  reportStrayCommas(tree, reporter);
  const mentioned = taskNames(tree);
  const data = await validateFile(tree, reporter, options.triggers ?? new Map());
  if (data === null) return null;
  const file = new CheckedFile(data, tree, reporter, options, mentioned, limits);
  for (const check of CHECKS) check(file);
  const templates = needsTemplates(file) ? await loadTemplateCompiler() : null;
  return buildWorkflow(id, file, new TextCompiler(file, templates, options.dialect));
}

function hasTooManyTasks(tree: MapNode, reporter: Reporter, limits: Limits): boolean {
  const group = tree.entries.get('taskGroup')?.value;
  if (group?.kind !== 'list' || group.items.length <= limits.tasks) return false;
  const message = `the file is too large: ${group.items.length} tasks, at most ${limits.tasks}`;
  reporter.error('too-large', FILE_START, message);
  return true;
}

function taskNames(tree: MapNode): ReadonlySet<string> {
  const group = tree.entries.get('taskGroup')?.value;
  const items = group?.kind === 'list' ? group.items : [];
  const names = items.map((item) => (item.kind === 'map' ? item.entries.get('name')?.value : undefined));
  return new Set(names.flatMap((name) => (name?.kind === 'scalar' ? [String(name.value)] : [])));
}

function needsTemplates(file: CheckedFile): boolean {
  return file.reporter.source.text.includes('{{') || file.data.taskGroup.some((task) => task.if !== undefined);
}

// Most files have no template; the parsers of templates and shells are not loaded for them.
async function loadTemplateCompiler(): Promise<TemplateCompiler> {
  return await import('../template/compile.ts');
}
