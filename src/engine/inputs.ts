import type { JsonObject } from '../model/json.ts';
import type { InputDefinition } from '../model/workflow.ts';

/** Typed inputs of a run, or everything that is wrong with what was given. */
export type ResolvedInputs =
  | { readonly ok: true; readonly values: JsonObject }
  | { readonly ok: false; readonly problems: readonly string[] };

type InputValue = string | number | boolean;

/** Types the texts given for a run's inputs, fills in defaults, and reports all that does not fit. */
export function resolveInputs(
  definitions: ReadonlyMap<string, InputDefinition>,
  given: ReadonlyMap<string, string>,
): ResolvedInputs {
  const values: Record<string, InputValue> = Object.create(null);
  const problems: string[] = [];
  for (const name of given.keys()) {
    if (!definitions.has(name)) problems.push(unknownInput(name, definitions));
  }
  for (const definition of definitions.values()) {
    const text = given.get(definition.name);
    const value = text === undefined ? fallback(definition) : typed(definition, text);
    if (typeof value === 'object') problems.push(value.problem);
    else values[definition.name] = value;
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, values };
}

interface Problem {
  readonly problem: string;
}

function unknownInput(name: string, definitions: ReadonlyMap<string, InputDefinition>): string {
  const known = [...definitions.keys()];
  const list = known.length > 0 ? `declared are: ${known.join(', ')}` : 'the file declares no inputs';
  return `there is no input "${name}"; ${list}`;
}

function fallback(definition: InputDefinition): InputValue | Problem {
  if (definition.default !== null) return definition.default;
  if (definition.required)
    return { problem: `input "${definition.name}" is required: --input ${definition.name}=VALUE` };
  return EMPTY[definition.type];
}

const EMPTY: Readonly<Record<InputDefinition['type'], InputValue>> = { string: '', number: 0, boolean: false };

function typed(definition: InputDefinition, text: string): InputValue | Problem {
  const value = convert(definition.type, text);
  if (value === null) return { problem: `input "${definition.name}" wants a ${definition.type}, not "${text}"` };
  if (definition.values && !definition.values.includes(value)) {
    return { problem: `input "${definition.name}" is one of ${definition.values.join(', ')}, not "${text}"` };
  }
  return value;
}

function convert(type: InputDefinition['type'], text: string): InputValue | null {
  switch (type) {
    case 'string':
      return text;
    case 'number': {
      const plain = /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text);
      return plain && Number.isFinite(Number(text)) ? Number(text) : null;
    }
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : null;
  }
}
