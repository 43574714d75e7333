import { sha256 } from '../../util/sha256.ts';
import type { Combination, Scalar } from './expand.ts';

/** How a combination is shown and asked for: `os=linux,node=24`. Different combinations of a matrix have different keys. */
export function combinationKey(combination: Combination): string {
  return pairs(combination).join(',');
}

/** Short endings for the ids of a matrix's tasks: they depend on the values alone, not on their order or their neighbours. */
export function combinationHashes(combinations: readonly Combination[]): readonly string[] {
  const hashes = combinations.map((combination) => sha256(pairs(combination).sort().join(',')));
  const length = LENGTHS.find((digits) => new Set(hashes.map((hash) => hash.slice(0, digits))).size === hashes.length);
  return hashes.map((hash) => hash.slice(0, length));
}

/** Six digits of 256 combinations are almost always enough. */
const LENGTHS = [6, 12, 64];

function pairs(combination: Combination): string[] {
  return [...combination].map(([axis, value]) => `${axis}=${valueText(value)}`);
}

// Letters of any language, digits, and marks that mean nothing in a key.
const PLAIN = /^[\p{L}\p{N}._+/@:-]+$/u;

// Beyond JSON's own escapes: what would end a `[…]` in a template, and what cannot be seen.
const ESCAPED = /\\\\|[[\]{}]|(?! )[\p{C}\p{Z}]/gu;

function valueText(value: Scalar): string {
  const text = String(value);
  return PLAIN.test(text) ? text : JSON.stringify(text).replace(ESCAPED, escaped);
}

function escaped(match: string): string {
  const text = match === '\\\\' ? '\\' : match;
  return text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
