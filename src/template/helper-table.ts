import { isJsonObject, type Json } from '../model/json.ts';
import { MAX_MATCHED, MAX_OUTPUT, MAX_PATTERN } from './limits.ts';
import { isTruthy } from './truth.ts';
import { matchesWildcard } from './wildcard.ts';

/** A value does not fit what a helper does with it; the message says what would. The evaluator adds the place. */
export class UnfitValue extends Error {}

/** A helper that is given values. `and`, `or` and `default` are not here: they evaluate only what they need. */
export interface Helper {
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number];
  /** @throws {UnfitValue} */
  call(...values: readonly Json[]): Json;
}

/** Every helper that takes values, by name. There are no others, and none can be added from a file. */
export const HELPERS: ReadonlyMap<string, Helper> = new Map<string, Helper>([
  ['eq', { arity: [2, 2], call: (a = null, b = null) => areEqual(a, b) }],
  ['ne', { arity: [2, 2], call: (a = null, b = null) => !areEqual(a, b) }],
  ['not', { arity: [1, 1], call: (value = null) => !isTruthy(value) }],
  ['gt', { arity: [2, 2], call: (a = null, b = null) => numberOf(a) > numberOf(b) }],
  ['lt', { arity: [2, 2], call: (a = null, b = null) => numberOf(a) < numberOf(b) }],
  ['includes', { arity: [2, 2], call: (whole = null, part = null) => includes(whole, part) }],
  ['starts_with', { arity: [2, 2], call: (text = null, start = null) => textOf(text).startsWith(textOf(start)) }],
  ['ends_with', { arity: [2, 2], call: (text = null, end = null) => textOf(text).endsWith(textOf(end)) }],
  ['matches', { arity: [2, 2], call: (text = null, pattern = null) => matches(textOf(text), textOf(pattern)) }],
  ['json', { arity: [1, 1], call: (value = null) => toJson(value) }],
  ['base64', { arity: [1, 1], call: (text = null) => Buffer.from(textOf(text), 'utf8').toString('base64') }],
  ['join', { arity: [1, 2], call: (list = null, separator = ', ') => join(list, textOf(separator)) }],
  ['lower', { arity: [1, 1], call: (text = null) => textOf(text).toLowerCase() }],
  ['upper', { arity: [1, 1], call: (text = null) => textOf(text).toUpperCase() }],
  [
    'replace',
    { arity: [3, 3], call: (text = null, from = null, to = null) => replace(textOf(text), textOf(from), textOf(to)) },
  ],
]);

/** Fewest and most arguments of the helpers that evaluate only what they need. */
export const LAZY_HELPERS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['and', [2, Number.POSITIVE_INFINITY]],
  ['or', [2, Number.POSITIVE_INFINITY]],
  ['default', [2, 2]],
]);

/** The text a value has in a template. @throws {UnfitValue} for null, lists and objects, which have none. */
export function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null) throw new UnfitValue('is null, which has no text: give it one with "default"');
  throw new UnfitValue(`is ${nameOf(value)}, which has no text: use "json"${Array.isArray(value) ? ' or "join"' : ''}`);
}

/** Exports and variables are text, so a number or truth value equals its own text. */
function areEqual(a: Json, b: Json): boolean {
  for (const value of [a, b]) {
    if (typeof value === 'object' && value !== null)
      throw new UnfitValue(`is ${nameOf(value)}, which cannot be compared`);
  }
  return a === null || b === null ? a === b : String(a) === String(b);
}

function numberOf(value: Json): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new UnfitValue(`is ${nameOf(value)}, not a number`);
}

function includes(whole: Json, part: Json): boolean {
  if (typeof whole === 'string') return whole.includes(textOf(part));
  if (Array.isArray(whole))
    return whole.some((item) => (typeof item === 'object' && item !== null ? false : areEqual(item, part)));
  throw new UnfitValue(`is ${nameOf(whole)}, neither a text nor a list`);
}

function matches(text: string, pattern: string): boolean {
  if (pattern.length > MAX_PATTERN) throw new UnfitValue(`is a pattern of more than ${MAX_PATTERN} characters`);
  if (text.length > MAX_MATCHED) throw new UnfitValue(`is a text of more than ${MAX_MATCHED} characters`);
  return matchesWildcard(pattern, text);
}

function toJson(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) throw new UnfitValue('is nested too deeply or too large for "json"');
    throw error;
  }
}

function join(list: Json, separator: string): string {
  if (!Array.isArray(list)) throw new UnfitValue(`is ${nameOf(list)}, not a list`);
  const texts = list.map(textOf);
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  if (length > MAX_OUTPUT + separator.length) throw tooLong();
  return texts.join(separator);
}

function replace(text: string, from: string, to: string): string {
  if (from === '') throw new UnfitValue('is empty: there is nothing to replace');
  const pieces = text.split(from);
  if (text.length + (pieces.length - 1) * (to.length - from.length) > MAX_OUTPUT) throw tooLong();
  return pieces.join(to);
}

function tooLong(): UnfitValue {
  return new UnfitValue(`would make more than ${MAX_OUTPUT} characters of text`);
}

/** Says what a value is, never the value itself: it may be confidential. */
function nameOf(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  if (isJsonObject(value)) return 'an object';
  if (value === null) return 'null';
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'a number' : 'true or false';
}
