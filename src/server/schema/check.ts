import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { Problem } from '../problem.ts';
import type { Schema } from './shape.ts';

type Check = (value: unknown) => { value: unknown } | { error: Error };

/** What is in a URL is text and becomes numbers; what is in a body has a type and keeps it. */
const forText = new Ajv2020({ strict: false, coerceTypes: true, useDefaults: true });
const forBodies = new Ajv2020({ strict: false });

/**
 * The check of the query or path of a request (`text`) or of its body. A body that needs nothing may be missing. The schema is
 * compiled at the first request that needs it: all of them would double the time the server takes to start.
 */
export function checkOf(schema: Schema, part: 'body' | 'text'): Check {
  let compiled: ValidateFunction | null = null;
  const isOptional = part === 'body' && Array.isArray(schema.required) && schema.required.length === 0;
  return (value) => {
    compiled ??= (part === 'body' ? forBodies : forText).compile(schema);
    const validate = compiled;
    // The framework says null where nothing was sent; a body that holds null is refused when it is read.
    if ((isOptional && value == null) || validate(value)) return { value };
    return { error: new Problem('bad-request', sentence(part === 'body' ? 'the body' : 'the query', validate)) };
  };
}

function sentence(subject: string, { errors }: ValidateFunction): string {
  const [first] = errors ?? [];
  const extra = first?.params.additionalProperty;
  if (extra !== undefined) return `${subject} has a key that is not known: "${extra}"`;
  const place = first?.instancePath.slice(1).replaceAll('/', '.');
  return `${place ? `"${place}" in ` : ''}${subject} ${first?.message ?? 'is wrong'}`;
}
