import type { Json } from '../model/json.ts';

/** The value of a JSON text, or why it is none. */
export type ParsedJson =
  | { readonly value: Json; readonly problem?: never }
  | { readonly value?: never; readonly problem: string };

/**
 * Reads JSON that anybody may have sent. Objects have no prototype, so `__proto__` is an ordinary key; numbers that a double does not
 * hold, such as ids beyond 2^53, become text; more than `maxDepth` nested lists and objects are refused, and so are more than
 * `maxValues` values, before any of them takes memory.
 */
export function parseUntrusted(text: string, maxDepth: number, maxValues = Number.POSITIVE_INFINITY): ParsedJson {
  if (hasMoreValues(text, maxValues)) return { problem: `it has more than ${maxValues} values` };
  const first = parseOnce(text, maxDepth);
  if (first.problem !== undefined || !first.lossy) return first;
  return parseOnce(quoteLossyNumbers(text), maxDepth);
}

// A value takes two characters at least. Outside of strings, each follows a bracket or a comma; an empty list counts as two.
function hasMoreValues(text: string, most: number): boolean {
  if (text.length / 2 <= most) return false;
  let count = 1;
  for (let at = 0; at < text.length && count <= most; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === ',' || character === '[' || character === '{') count++;
  }
  return count > most;
}

type Parsed =
  | { readonly value: Json; readonly lossy: boolean; readonly problem?: never }
  | { readonly problem: string };

function parseOnce(text: string, maxDepth: number): Parsed {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: 'it is not valid JSON' };
  }
  const found = { lossy: false };
  return settle(value, maxDepth, found)
    ? { value, lossy: found.lossy }
    : { problem: `it is nested more than ${maxDepth} levels deep` };
}

// Takes prototypes away and looks for what was lost; false when there are too many levels.
function settle(value: Json, levels: number, found: { lossy: boolean }): boolean {
  if (typeof value === 'number') found.lossy ||= isBeyondDouble(value);
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((item) => settle(item, levels - 1, found));
  const items = Object.values(value);
  Object.setPrototypeOf(value, null);
  return items.every((item) => settle(item, levels - 1, found));
}

function isBeyondDouble(value: number): boolean {
  return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

// The text is valid JSON: outside of strings, a digit or a minus begins a number.
function quoteLossyNumbers(text: string): string {
  const pieces: string[] = [];
  let taken = 0;
  for (let at = 0; at < text.length; ) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '-' || (character !== undefined && character >= '0' && character <= '9')) {
      const token = numberAt(text, at);
      if (isLossy(token)) {
        pieces.push(text.slice(taken, at), `"${token}"`);
        taken = at + token.length;
      }
      at += token.length;
    } else at++;
  }
  return pieces.join('') + text.slice(taken);
}

function numberAt(text: string, at: number): string {
  NUMBER.lastIndex = at;
  const token = NUMBER.exec(text)?.[0];
  if (token === undefined) throw new Error('Internal error: valid JSON has a number that is none');
  return token;
}

// A number written with a fraction or an exponent is approximate by itself, unless it is infinite.
function isLossy(token: string): boolean {
  const value = Number(token);
  return !Number.isFinite(value) || (/^-?\d+$/.test(token) && !Number.isSafeInteger(value));
}

// Text that is not JSON may have a string without an end.
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
