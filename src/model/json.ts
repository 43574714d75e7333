/** Any value JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object. Objects that come from outside are made with a null prototype. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a plain JSON object, false for lists and null. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
