import type { Call } from '../model/call.ts';
import type { Diagnostic, Place, Severity } from '../model/diagnostic.ts';
import type { InputDefinition, Workflow } from '../model/workflow.ts';
import { nearest } from '../util/nearest.ts';

/** The workflows that can be called, by id. */
export interface Callable {
  /** Undefined when there is no such file, null when there is one that cannot be used. */
  find(id: string): Workflow | null | undefined;
  /** All there are, for suggestions. */
  ids(): readonly string[];
}

/**
 * What is wrong with the calls of a workflow, given those it calls: they may be missing, want other inputs or more secrets, have nothing
 * of a name to export, or come back to the caller. In the order of the file.
 */
export function checkCalls(workflow: Workflow, callable: Callable, severity: Severity = 'error'): Diagnostic[] {
  const lines = workflow.source.text.split(/\r\n|\n|\r/);
  const found: Diagnostic[] = [];
  const refuse: Refuse = (code, place, message, hint) => {
    const excerpt = lines[place.line - 1] ?? '';
    found.push({ code, severity, message, place, excerpt, ...(hint === undefined ? {} : { hint }) });
  };
  for (const call of workflow.calls) checkCall(workflow, call, callable, refuse);
  return found.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
}

type Refuse = (code: string, place: Place, message: string, hint?: string) => void;

function checkCall(caller: Workflow, call: Call, callable: Callable, refuse: Refuse): void {
  const called = callable.find(call.workflow);
  if (!called) {
    reportUnknown(call, called, callable, refuse);
    return;
  }
  const cycle = pathBack(caller, called, callable);
  if (cycle) refuse('call-cycle', call.place, `these workflows call each other: ${cycle.join(' → ')}`);
  const missing = called.secrets.filter((name) => !caller.secrets.includes(name));
  if (missing.length > 0) {
    const message = `the workflow "${called.id}" reads the secrets ${missing.join(', ')}, which this file does not declare`;
    refuse('call-secrets', call.place, message, `add to this file: secrets: [${missing.join(', ')}]`);
  }
  checkInputs(call, called, refuse);
  checkExports(call, called, refuse);
}

function reportUnknown({ workflow, place }: Call, found: null | undefined, callable: Callable, refuse: Refuse): void {
  if (found === null) {
    refuse('unknown-workflow', place, `the workflow "${workflow}" has mistakes and cannot be called`);
    return;
  }
  const guess = nearest(workflow, callable.ids());
  const question = guess === undefined ? '' : `; did you mean "${guess}"?`;
  refuse('unknown-workflow', place, `there is no workflow "${workflow}"${question}`);
}

function checkInputs(call: Call, called: Workflow, refuse: Refuse): void {
  const known = [...called.inputs.keys()];
  for (const [name, { value, place }] of call.inputs) {
    const definition = called.inputs.get(name);
    if (!definition) {
      const guess = nearest(name, known);
      const hint = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
      const question = guess === undefined ? '' : `; did you mean "${guess}"?`;
      refuse('call-inputs', place, `the workflow "${called.id}" has no input "${name}"${question}`, hint);
    } else if (value !== undefined && !fits(definition, value)) {
      refuse('call-inputs', place, `the input "${name}" of "${called.id}" is ${expectation(definition)}`);
    }
  }
  const missing = [...called.inputs.values()].filter(({ name, required, default: fallback }) => {
    return required && fallback === null && !call.inputs.has(name);
  });
  for (const { name } of missing) {
    refuse(
      'call-inputs',
      call.place,
      `the workflow "${called.id}" needs the input "${name}"`,
      `add: inputs: { ${name}: … }`,
    );
  }
}

function fits({ type, values }: InputDefinition, value: string | number | boolean): boolean {
  if (values && !values.some((one) => String(one) === String(value))) return false;
  if (type === 'string') return true;
  if (typeof value === type) return true;
  if (typeof value !== 'string') return false;
  return type === 'boolean' ? /^(true|false)$/.test(value) : /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value);
}

function expectation({ type, values }: InputDefinition): string {
  return values ? `one of ${values.join(', ')}` : `a ${type}`;
}

function checkExports(call: Call, called: Workflow, refuse: Refuse): void {
  const names = new Set(
    called.tasks.flatMap((task) => task.exports.flatMap(({ name, scope }) => (scope === 'global' ? [name] : []))),
  );
  for (const [name, place] of call.exports) {
    if (names.has(name)) continue;
    const hint = names.size > 0 ? `it exports ${[...names].join(', ')}` : 'none of its exports has `scope: global`';
    refuse('unknown-export', place, `the workflow "${called.id}" has no global export "${name}"`, hint);
  }
}

/** The ids on the way from the caller over the called one back to the caller, or null. */
function pathBack(caller: Workflow, called: Workflow, callable: Callable): readonly string[] | null {
  const seen = new Set<string>();
  const search = (workflow: Workflow, path: readonly string[]): readonly string[] | null => {
    if (workflow.id === caller.id) return [...path, workflow.id];
    if (seen.has(workflow.id)) return null;
    seen.add(workflow.id);
    for (const { workflow: id } of workflow.calls) {
      if (id === caller.id) return [...path, workflow.id, id];
      const next = callable.find(id);
      const found = next ? search(next, [...path, workflow.id]) : null;
      if (found) return found;
    }
    return null;
  };
  return search(called, [caller.id]);
}
