import { isJsonObject, type Json } from '../../model/json.ts';
import type { Job } from '../../model/ports.ts';
import type { TemplateContext } from '../../model/template.ts';
import type { Task, Workflow } from '../../model/workflow.ts';
import { canonicalJson } from '../../util/canonical-json.ts';
import type { Environment } from '../environment.ts';
import type { KeyParts } from './key-part.ts';
import { readsOf, specSource, textSource } from './template-source.ts';

/** The part that changes with any value a template made, whatever made it. */
export const RENDERED = 'rendered values';

/** What an attempt looks like once it is rendered. */
export interface RenderedTask {
  readonly workflow: Workflow;
  readonly task: Task;
  readonly job: Job;
  readonly environment: Environment;
  readonly context: TemplateContext;
}

/**
 * Adds what the file says of a task, and every value its templates read, each under a name of its own, so that a change has
 * one cause. What the templates make of it all is added too: nothing may slip through because a value was not foreseen.
 */
export function addTaskParts(parts: KeyParts, rendered: RenderedTask): void {
  const { task } = rendered;
  parts.add('type', task.type);
  for (const [key, value] of Object.entries(task.spec)) parts.add(specName(key, value), specSource(value));
  addVariables(parts, rendered);
  for (const { from, variable } of task.imports)
    addValue(parts, `import ${from}.${variable}`, [from, variable], rendered);
  for (const path of readsOf(rendered.workflow, task, rendered.environment)) addReference(parts, path, rendered);
  parts.add('exports', canonicalJson(task.exports));
  parts.add('shell', task.shell);
  parts.add('working_dir', textSource(task.workingDir));
  parts.add('result_file', textSource(task.resultFile));
  for (const [position, file] of task.files.entries()) {
    const { path, mode, content } = file;
    const source =
      content.kind === 'base64' ? content.data : textSource(content.kind === 'text' ? content.text : content.path);
    parts.add(
      `file ${typeof path === 'string' ? path : position + 1}`,
      canonicalJson([textSource(path), mode, content.kind, source]),
    );
  }
  if (task.cache) parts.add('cache.paths', canonicalJson(task.cache.paths));
  parts.add(RENDERED, renderedValues(rendered));
}

function specName(key: string, value: unknown): string {
  if (key !== 'command') return `spec.${key}`;
  return Array.isArray(value) ? 'command' : 'script';
}

/** The variables that the file or the command line sets. The host's own, and those that are new in each run, do not count. */
function addVariables(parts: KeyParts, { workflow, task, environment }: RenderedTask): void {
  for (const [name, variable] of environment) {
    const written = variable.source === 'task' ? task.env.get(name) : workflow.env.get(name);
    switch (variable.source) {
      case 'task':
      case 'workflow':
        parts.add(`env ${name}`, textSource(written ?? null));
        break;
      case 'runtime':
        parts.add(`env ${name}`, textSource(variable.text));
        break;
      case 'host':
        if (task.env.get(name) === null) parts.add(`env ${name}`, textSource(variable.text));
    }
  }
}

function addReference(parts: KeyParts, path: readonly string[], rendered: RenderedTask): void {
  const [root = '', name = ''] = path;
  // What is imported, and what the file sets, has been added before.
  if (rendered.task.imports.some(({ from }) => from === root)) return;
  if (root === 'env' && parts.has(`env ${name}`) && rendered.environment.get(name)?.source !== 'task') return;
  addValue(parts, root === 'secrets' ? `secret ${name}` : path.join('.'), path, rendered);
}

function addValue(parts: KeyParts, name: string, path: readonly string[], { context }: RenderedTask): void {
  let value: Json | undefined = context.values;
  for (const step of path) value = isJsonObject(value) ? value[step] : undefined;
  const text = value === undefined ? 'missing' : canonicalJson(value);
  if (context.isConfidential(path)) parts.addSecret(name, text);
  else parts.add(name, text);
}

function renderedValues({ job, environment, task }: RenderedTask): string {
  const declared = [...environment].filter(([name, { source }]) => {
    if (source === 'host') return task.env.get(name) === null;
    return source !== 'system' && name !== 'OUTPUT_FILE';
  });
  const env = Object.fromEntries(declared.map(([name, { text }]) => [name, text]));
  const files = job.files.map(({ path, mode, content }) => {
    return [path, mode, content.kind === 'bytes' ? Buffer.from(content.bytes).toString('base64') : content.path];
  });
  return canonicalJson([job.type, job.spec, env, job.shell, job.workingDir, files, job.resultFile]);
}
