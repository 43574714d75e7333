import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import type { PluginDescription, SpecDescription } from '../plugins/description.ts';

/** Where in the schema of workflow files plugins come in. */
interface WorkflowSchema {
  readonly definitions: {
    readonly triggers: { readonly properties: object };
    readonly taskEntry: object;
    readonly notifyEntry: object;
  };
}

/** The schema of workflow files with what plugins bring: specs of tasks and notifiers by their `type`, and kinds of triggers. */
export function editorSchema(base: WorkflowSchema, plugins: readonly PluginDescription[]): object {
  const drivers = plugins.flatMap((plugin) => plugin.drivers);
  const notifiers = plugins.flatMap((plugin) => plugin.notifiers);
  const triggers = plugins.flatMap((plugin) => plugin.triggers);
  const { definitions } = base;
  const kinds = triggers.map((trigger) => [trigger.type, listOf(trigger)] as const);
  return {
    ...base,
    definitions: {
      ...definitions,
      triggers: {
        ...definitions.triggers,
        properties: { ...definitions.triggers.properties, ...Object.fromEntries(kinds) },
      },
      taskEntry: withSpecs(definitions.taskEntry, 'task', drivers),
      notifyEntry: withSpecs(definitions.notifyEntry, 'notifier', notifiers),
    },
  };
}

function listOf(trigger: SpecDescription): object {
  return { type: 'array', minItems: 1, maxItems: 100, items: ownSchema('trigger', trigger) };
}

/** What `spec` must be depends on what `type` says; of other types nothing is said. */
function withSpecs(entry: object, part: string, known: readonly SpecDescription[]): object {
  if (known.length === 0) return entry;
  const rules = known.map((description) => ({
    if: { required: ['type'], properties: { type: { const: description.type } } },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: { properties: { spec: ownSchema(part, description) } },
  }));
  return { ...entry, allOf: rules };
}

/** With a name of its own, so that its references begin there. */
function ownSchema(part: string, { type, schema }: SpecDescription): JsonObject {
  return { $id: `${part}-${type}.schema.json`, ...withTemplates(schema) };
}

/** A text with a template may stand in place of any part: that is judged once it is rendered. */
function withTemplates(schema: JsonObject): JsonObject {
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(isJsonObject(properties) ? { properties: eachOrTemplate(properties) } : {}),
    ...(isJsonObject(items) ? { items: orTemplate(items) } : {}),
    ...(isJsonObject(additionalProperties) ? { additionalProperties: orTemplate(additionalProperties) } : {}),
  };
}

function eachOrTemplate(parts: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, orTemplate(part)]));
}

function orTemplate(part: Json): Json {
  if (!isJsonObject(part)) return part;
  const { description, ...rest } = part;
  return { ...(description === undefined ? {} : { description }), anyOf: [withTemplates(rest), TEMPLATE] };
}

const TEMPLATE = { type: 'string', pattern: '\\{\\{' };
