import { isJsonObject, type Json } from '../model/json.ts';

/** What stands at a path of keys in data from outside; undefined when anything on the way is absent or no object. */
export function valueAt(data: Json, ...path: readonly string[]): Json | undefined {
  let value: Json | undefined = data;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** The text at a path of keys; empty when there is none. */
export function textAt(data: Json, ...path: readonly string[]): string {
  const value = valueAt(data, ...path);
  return typeof value === 'string' ? value : '';
}

/** The list at a path of keys; empty when there is none. */
export function listAt(data: Json, ...path: readonly string[]): readonly Json[] {
  const value = valueAt(data, ...path);
  return Array.isArray(value) ? value : [];
}
