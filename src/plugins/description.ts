import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import { PLUGIN_API } from '../model/plugin.ts';
import type { TemplateUse } from '../model/ports.ts';

/** What a plugin says it is, without what it does: it can leave the process the plugin runs in. */
export interface PluginDescription {
  readonly name: string;
  readonly drivers: readonly DriverDescription[];
  readonly triggers: readonly SpecDescription[];
  readonly notifiers: readonly SpecDescription[];
  /** Names. */
  readonly helpers: readonly string[];
  /** Whether it knows secrets. */
  readonly secrets: boolean;
}

/** What the program must know of what a file sets up with a mapping: a trigger, a notifier. */
export interface SpecDescription {
  /** Of a trigger, its kind. */
  readonly type: string;
  readonly schema: JsonObject;
}

/** What the program must know of a driver. */
export interface DriverDescription extends SpecDescription {
  readonly templates: Readonly<Record<string, TemplateUse>>;
  readonly confidential: boolean;
  readonly version: string;
}

/** What a plugin says about itself cannot be taken; the message says what and why. */
export class BadDescription extends Error {}

/** Names of plugins and of task types. */
export const NAME = /^[a-z][a-z0-9_-]{0,63}$/;

/** Names of helpers. */
const HELPER = /^[a-z][a-z0-9_]{0,63}$/;

/** What a plugin can bring; it must bring something. */
const PARTS = ['drivers', 'triggers', 'notifiers', 'secrets', 'helpers'];

/** Reads what a plugin says about itself; `name` is what it is called where it stands. @throws {BadDescription} */
export function readDescription(said: Json, name: string): PluginDescription {
  const plugin = objectOf(said, 'a plugin');
  if (plugin.api !== PLUGIN_API) throw new BadDescription(apiProblem(plugin.api));
  if (plugin.objects !== undefined) throw new BadDescription(NO_OBJECTS);
  const own = plugin.name ?? name;
  if (typeof own !== 'string' || !NAME.test(own)) throw new BadDescription(`its name must fit ${NAME.source}`);
  if (PARTS.every((part) => plugin[part] === undefined))
    throw new BadDescription(`it brings nothing: a plugin has ${PARTS.join(', ')}`);
  return {
    name: own,
    drivers: listOf(plugin.drivers, 'drivers').map(readDriver),
    triggers: listOf(plugin.triggers, 'triggers').map((said) => readSpec(objectOf(said, 'a trigger'), 'kind')),
    notifiers: listOf(plugin.notifiers, 'notifiers').map((said) => readSpec(objectOf(said, 'a notifier'), 'type')),
    helpers: listOf(plugin.helpers, 'helpers').map(readHelper),
    secrets: plugin.secrets === true,
  };
}

const NO_OBJECTS =
  '"objects" of plugins are not supported yet: this program keeps no objects that a plugin could keep for it';

/** An executable describes one driver; its keys stand beside `api`. @throws {BadDescription} */
export function readExecutable(said: Json, name: string): PluginDescription {
  const { api, name: own, ...driver } = objectOf(said, 'what it prints');
  return readDescription({ api: api ?? null, name: own ?? name, drivers: [driver] }, name);
}

function readDriver(said: Json): DriverDescription {
  const driver = objectOf(said, 'a driver');
  const { templates = {}, confidential = false, version = '1' } = driver;
  const spec = readSpec(driver, 'type');
  if (typeof confidential !== 'boolean') throw new BadDescription('"confidential" must be true or false');
  if (typeof version !== 'string') throw new BadDescription('"version" must be text');
  return { ...spec, templates: readTemplates(templates), confidential, version };
}

function readSpec(said: JsonObject, key: 'type' | 'kind'): SpecDescription {
  const { [key]: type, schema } = said;
  if (typeof type !== 'string' || !NAME.test(type)) throw new BadDescription(`"${key}" must fit ${NAME.source}`);
  if (!isJsonObject(schema))
    throw new BadDescription(`the ${key} "${type}" needs the JSON Schema of its spec ("schema")`);
  return { type, schema };
}

function readHelper(said: Json): string {
  if (typeof said === 'string' && HELPER.test(said)) return said;
  throw new BadDescription(`the name of a helper must fit ${HELPER.source}, not ${JSON.stringify(said)}`);
}

function readTemplates(said: Json): Readonly<Record<string, TemplateUse>> {
  const uses = Object.entries(objectOf(said, '"templates"'));
  return Object.fromEntries(
    uses.map(([key, use]) => {
      if (use === 'command' || use === 'text' || use === 'literal') return [key, use];
      throw new BadDescription(`"templates" says "command", "text" or "literal" of a key, not ${JSON.stringify(use)}`);
    }),
  );
}

function listOf(said: Json | undefined, part: string): readonly Json[] {
  if (said === undefined) return [];
  if (Array.isArray(said) && said.length > 0) return said;
  throw new BadDescription(`"${part}" must be a list with something in it`);
}

function objectOf(said: Json | undefined, what: string): JsonObject {
  if (isJsonObject(said)) return said;
  throw new BadDescription(`${what} must be an object, not ${JSON.stringify(said)?.slice(0, 100)}`);
}

function apiProblem(api: Json | undefined): string {
  if (api === undefined || api === null) return `it does not say for which interface it is made: "api: ${PLUGIN_API}"`;
  return `it is made for version ${JSON.stringify(api)} of the plugin interface; this program has version ${PLUGIN_API}`;
}
