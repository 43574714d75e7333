import { LONGEST_WAIT_MS } from '../limits.ts';
import { Problem } from '../problem.ts';
import { described, type Schema } from './shape.ts';

/** How many entries a list has: 1 to 1,000. */
export function limit(usual: number): Schema {
  return { type: 'integer', minimum: 1, maximum: 1_000, default: usual };
}

export const word: Schema = { type: 'string', minLength: 1, maxLength: 1024 };

export const instant = described(word, 'ISO 8601, or milliseconds since the epoch');

export const waitSeconds: Schema = {
  type: 'number',
  minimum: 0,
  default: 0,
  description: 'How long to wait, in seconds; more than 60 is taken as 60',
};

/** The time a query names, in ms since the epoch. @throws a `Problem` when it names none */
export function readInstant(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const at = /^\d{1,16}$/.test(value) ? Number(value) : Date.parse(value);
  if (Number.isFinite(at)) return at;
  throw new Problem('bad-request', `"${name}" in the query must be a time such as 2026-01-31T12:00:00Z`);
}

/** How long a query wants to wait, in ms. */
export function waitMs(seconds: number): number {
  return Math.min(Math.ceil(seconds * 1000), LONGEST_WAIT_MS);
}

/** The query without what was not given, which is how optional properties are left out. */
export function given<T extends object>(query: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
