import type { Reference, Spec, Text } from '../../model/template.ts';
import { isTemplate, type Task, type Workflow } from '../../model/workflow.ts';
import type { Environment } from '../environment.ts';
import { isCompiled, isList } from '../render-job.ts';

/** A text as it is written in the file; plain text and a template never give the same. */
export function textSource(text: Text | null): string {
  if (text === null) return '';
  return isTemplate(text) ? `template ${text.source}` : `text ${text}`;
}

/** A part of a spec as it is written in the file: equal only for equal specs. */
export function specSource(spec: Spec): string {
  return JSON.stringify(written(spec));
}

/** All paths the templates of a task read: its own, and those of the workflow's variables that reach it. */
export function readsOf(workflow: Workflow, task: Task, environment: Environment): Iterable<readonly string[]> {
  const inherited = [...workflow.env].filter(([name]) => environment.get(name)?.source === 'workflow');
  const texts = [
    ...inherited.map(([, text]) => text),
    ...task.env.values(),
    task.workingDir,
    task.resultFile,
    ...task.files.flatMap(({ path, content }) => {
      if (content.kind === 'base64') return [path];
      return [path, content.kind === 'text' ? content.text : content.path];
    }),
  ];
  const references = [...texts.flatMap((text) => (isTemplate(text) ? text.references : [])), ...readsOfSpec(task.spec)];
  return new Map(references.map(({ path }) => [JSON.stringify(path), path])).values();
}

// Every string gets a mark in front: what is written as data can never look like a template.
function written(spec: Spec): unknown {
  if (typeof spec === 'string') return `text ${spec}`;
  if (typeof spec !== 'object' || spec === null) return spec;
  if (isList(spec)) return spec.map(written);
  if (isCompiled(spec)) return `${spec.kind} ${spec.source}`;
  const sorted = Object.entries(spec).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, value]) => [key, written(value)]));
}

function readsOfSpec(spec: Spec): readonly Reference[] {
  if (typeof spec !== 'object' || spec === null) return [];
  if (isList(spec)) return spec.flatMap(readsOfSpec);
  if (isCompiled(spec)) return spec.references;
  return Object.values(spec).flatMap(readsOfSpec);
}
