/** Longest text that is kept of one value, in UTF-16 units. */
const LONGEST = 32 * 1024;

/** Values inside each other, and causes of causes. */
const DEEPEST = 8;

/**
 * A copy of the fields of a log line that can be written as JSON: every text in it masked, also in keys; errors as their type, message,
 * stack, code and cause; what is nested too deep, or in itself, left out with a note.
 */
export function maskFields(fields: object, mask: (text: string) => string): Record<string, unknown> {
  return copyObject(fields, mask, 0);
}

function copy(value: unknown, mask: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return shortened(mask(value));
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  if (typeof value !== 'object') return shortened(mask(String(value)));
  if (depth > DEEPEST) return '[nested too deep]';
  if (value instanceof Error) return copyError(value, mask, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return copyObject(Object.fromEntries(value), mask, depth);
  if (Array.isArray(value) || value instanceof Set) return [...value].map((item) => copy(item, mask, depth + 1));
  return copyObject(value, mask, depth);
}

function copyObject(value: object, mask: (text: string) => string, depth: number): Record<string, unknown> {
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [mask(key), copy(item, mask, depth + 1)]));
}

function copyError(error: Error, mask: (text: string) => string, depth: number): Record<string, unknown> {
  const { name: type, message, stack, cause, ...own } = error;
  const errors = error instanceof AggregateError ? { errors: error.errors } : {};
  const reason = cause === undefined ? {} : { cause };
  return copyObject({ ...own, type, message, stack, ...errors, ...reason }, mask, depth);
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length - LONGEST} more)` : text;
}
