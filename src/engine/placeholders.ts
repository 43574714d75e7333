import type { Reference, Script, Spec, Template, Text } from '../model/template.ts';
import type { FileContent, Task } from '../model/workflow.ts';
import { isCompiled, isList } from './render-job.ts';

/** True for a reference whose value is there before the task's parents have ended. */
export type IsKnown = (reference: Reference) => boolean;

/** The task with every template that reads an unknown value replaced by one that renders as its own source. */
export function withPlaceholders(task: Task, isKnown: IsKnown): Task {
  const hold = (text: Text): Text => (typeof text === 'string' ? text : heldBack(text, isKnown));
  return {
    ...task,
    spec: holdObject(task.spec, isKnown),
    env: new Map([...task.env].map(([name, text]) => [name, text === null ? null : hold(text)])),
    workingDir: task.workingDir === null ? null : hold(task.workingDir),
    resultFile: task.resultFile === null ? null : hold(task.resultFile),
    files: task.files.map((file) => ({ ...file, path: hold(file.path), content: holdContent(file.content, hold) })),
  };
}

function heldBack(template: Template, isKnown: IsKnown): Template {
  if (template.references.every(isKnown)) return template;
  return { ...shell(template), render: () => ({ text: template.source, confidential: false }) };
}

function holdObject(spec: { readonly [key: string]: Spec }, isKnown: IsKnown): { readonly [key: string]: Spec } {
  return Object.fromEntries(Object.entries(spec).map(([key, value]) => [key, holdSpec(value, isKnown)]));
}

function holdSpec(spec: Spec, isKnown: IsKnown): Spec {
  if (typeof spec !== 'object' || spec === null) return spec;
  if (isList(spec)) return spec.map((item) => holdSpec(item, isKnown));
  if (!isCompiled(spec)) return holdObject(spec, isKnown);
  return spec.kind === 'template' ? heldBack(spec, isKnown) : holdScript(spec, isKnown);
}

function holdScript(script: Script, isKnown: IsKnown): Script {
  const bindings = script.bindings.map(({ variable, value }) => {
    if (value.references.every(isKnown)) return { variable, value };
    const text = tagOf(value);
    return { variable, value: { ...shell(value), render: () => ({ text, confidential: false }) } };
  });
  return { ...script, bindings };
}

function shell({ kind, source, references }: Template): Omit<Template, 'render'> {
  return { kind, source, references };
}

// What a variable of a script is bound to stands in the script between one pair of braces.
function tagOf({ source, references: [first] }: Template): string {
  const start = source.lastIndexOf('{{', first?.offset);
  const end = source.indexOf('}}', first?.offset);
  return start === -1 || end === -1 ? source : source.slice(start, end + 2);
}

function holdContent(content: FileContent, hold: (text: Text) => Text): FileContent {
  if (content.kind === 'text') return { kind: 'text', text: hold(content.text) };
  return content.kind === 'source' ? { kind: 'source', path: hold(content.path) } : content;
}
