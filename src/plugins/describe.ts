import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';

/** The lists of a plugin, and what each entry of them must be able to do. */
const METHODS = { drivers: 'run', triggers: 'watch', notifiers: 'notify' } as const;

/**
 * What a plugin says it is, without what it does: it can leave the process the plugin runs in. Helpers become the list of their names,
 * secrets the mark that there are some. @throws when a function is missing, or it is no data
 */
export function describe(plugin: object): Json {
  const parts = plugin as Readonly<Record<string, unknown>>;
  // Functions are left out: what remains is data.
  const data = JSON.parse(JSON.stringify(plugin)) as Json;
  if (!isJsonObject(data)) return data;
  for (const [list, method] of Object.entries(METHODS)) checkMethods(list, parts[list], method);
  if (parts.secrets !== undefined) checkMethod('"secrets"', parts.secrets, 'get');
  return {
    ...data,
    ...(parts.helpers === undefined ? {} : { helpers: helperNames(parts.helpers) }),
    ...(parts.secrets === undefined ? {} : { secrets: true }),
  } satisfies JsonObject;
}

function checkMethods(list: string, entries: unknown, method: string): void {
  if (!Array.isArray(entries)) return;
  for (const [index, entry] of entries.entries()) checkMethod(`${list}[${index}]`, entry, method);
}

function checkMethod(what: string, part: unknown, method: string): void {
  const found = typeof part === 'object' && part !== null ? (part as Readonly<Record<string, unknown>>)[method] : null;
  if (typeof found !== 'function') throw new Error(`${what} has no function "${method}"`);
}

function helperNames(helpers: unknown): string[] {
  if (typeof helpers !== 'object' || helpers === null) throw new Error('"helpers" must be an object of functions');
  return Object.entries(helpers).map(([name, helper]) => {
    if (typeof helper !== 'function') throw new Error(`the helper "${name}" is no function`);
    return name;
  });
}
