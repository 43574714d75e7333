import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import { PLUGIN_API } from '../model/plugin.ts';
import type { TemplateUse } from '../model/ports.ts';

/** What a plugin says it is, without what it does: it can leave the process the plugin runs in. */
export interface PluginDescription {
  readonly name: string;
  readonly drivers: readonly DriverDescription[];
}

/** What the program must know of a driver. */
export interface DriverDescription {
  readonly type: string;
  readonly schema: JsonObject;
  readonly templates: Readonly<Record<string, TemplateUse>>;
  readonly confidential: boolean;
  readonly version: string;
}

/** What a plugin says about itself cannot be taken; the message says what and why. */
export class BadDescription extends Error {}

/** Names of plugins and of task types. */
export const NAME = /^[a-z][a-z0-9_-]{0,63}$/;

/** What plugins will be able to bring. */
const NOT_YET = ['triggers', 'notifiers', 'helpers', 'secrets', 'objects'];

/** Reads what a plugin says about itself; `name` is what it is called where it stands. @throws {BadDescription} */
export function readDescription(said: Json, name: string): PluginDescription {
  const plugin = objectOf(said, 'a plugin');
  if (plugin.api !== PLUGIN_API) throw new BadDescription(apiProblem(plugin.api));
  for (const key of NOT_YET) {
    if (plugin[key] !== undefined) throw new BadDescription(`"${key}" of plugins is not supported yet`);
  }
  const own = plugin.name ?? name;
  if (typeof own !== 'string' || !NAME.test(own)) throw new BadDescription(`its name must fit ${NAME.source}`);
  const { drivers } = plugin;
  if (!Array.isArray(drivers) || drivers.length === 0) throw new BadDescription('"drivers" must be a list of drivers');
  return { name: own, drivers: drivers.map(readDriver) };
}

/** An executable describes one driver; its keys stand beside `api`. @throws {BadDescription} */
export function readExecutable(said: Json, name: string): PluginDescription {
  const { api, name: own, ...driver } = objectOf(said, 'what it prints');
  return readDescription({ api: api ?? null, name: own ?? name, drivers: [driver] }, name);
}

function readDriver(said: Json): DriverDescription {
  const driver = objectOf(said, 'a driver');
  const { type, schema, templates = {}, confidential = false, version = '1' } = driver;
  if (typeof type !== 'string' || !NAME.test(type)) throw new BadDescription(`"type" must fit ${NAME.source}`);
  if (!isJsonObject(schema))
    throw new BadDescription(`the type "${type}" needs the JSON Schema of its spec ("schema")`);
  if (typeof confidential !== 'boolean') throw new BadDescription('"confidential" must be true or false');
  if (typeof version !== 'string') throw new BadDescription('"version" must be text');
  return { type, schema, templates: readTemplates(templates), confidential, version };
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

function objectOf(said: Json | undefined, what: string): JsonObject {
  if (isJsonObject(said)) return said;
  throw new BadDescription(`${what} must be an object, not ${JSON.stringify(said)?.slice(0, 100)}`);
}

function apiProblem(api: Json | undefined): string {
  if (api === undefined || api === null) return `it does not say for which interface it is made: "api: ${PLUGIN_API}"`;
  return `it is made for version ${JSON.stringify(api)} of the plugin interface; this program has version ${PLUGIN_API}`;
}
