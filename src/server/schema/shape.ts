/** A JSON Schema (draft 2020-12, as OpenAPI 3.1 has it). */
export interface Schema {
  readonly [key: string]: unknown;
}

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const time: Schema = { type: 'string', format: 'date-time', description: 'ISO 8601, in UTC' };
/** An answer that is text and not JSON. */
export const plain: Schema = { content: { 'text/plain': { schema: text } } };
export const anything: Schema = {};
export const anyObject: Schema = { type: 'object', additionalProperties: true };

/** An object with these properties, all of them there. */
export function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', required: Object.keys(properties), properties };
}

/** An object with these properties and no others, each of which may be left out but for `required`. */
export function wish(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', required, properties, additionalProperties: false };
}

/** The same schema with more properties that may be left out. */
export function withOptional(schema: Schema, more: Readonly<Record<string, Schema>>): Schema {
  const properties = schema.properties as Readonly<Record<string, Schema>>;
  return { ...schema, properties: { ...properties, ...more } };
}

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

export function map(values: Schema): Schema {
  return { type: 'object', additionalProperties: values };
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

export function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** A schema that is kept once, by name. */
export function named(name: string): Schema {
  return { $ref: `${name}#` };
}

export function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}
