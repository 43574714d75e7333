import type { Range, Source } from '../source.ts';
import type { ScalarNode } from './tree.ts';

/** A scalar with all its characters as they are written. */
export interface WrittenScalar {
  readonly node: ScalarNode;
  readonly value: string;
  readonly units: readonly Unit[];
}

/** Looks once at how a scalar is written, for any number of `rangeWithin`. */
export function writtenScalar(node: ScalarNode, { text }: Source): WrittenScalar {
  const value = typeof node.value === 'string' ? node.value : text.slice(node.start, node.end);
  return { node, value, units: writtenUnits(node, text) };
}

/**
 * Where a stretch of a scalar's value stands in the file, whichever way the scalar is written. YAML changes only white
 * space and escapes, so the characters that are neither come in the same order in the value and in the file.
 */
export function rangeWithin(scalar: WrittenScalar, offset: number, length: number): Range {
  const { node, value, units } = scalar;
  const first = unitAt(units, countSolid(value, 0, offset), isSolid(value[offset]));
  const last =
    length > 1 ? unitAt(units, countSolid(value, 0, offset + length - 1), isSolid(value[offset + length - 1])) : first;
  if (first === undefined) return node;
  return { start: first.start, end: Math.max(first.end, last?.end ?? first.end) };
}

/** A character of the value as written: a plain one or an escape. `weight` is its length in the value. */
interface Unit extends Range {
  readonly weight: number;
}

// White space to YAML; everything else arrives as it is.
function isSolid(character: string | undefined): boolean {
  return character !== undefined && character !== ' ' && character !== '\n' && character !== '\t' && character !== '\r';
}

function countSolid(text: string, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index++) if (isSolid(text[index])) count += 1;
  return count;
}

// The unit that holds the solid character number `index`; for white space, the place right behind the one before it.
function unitAt(units: readonly Unit[], index: number, solid: boolean): Unit | undefined {
  let seen = 0;
  let before: Unit | undefined;
  for (const unit of units) {
    if (seen + unit.weight > index)
      return solid || before === undefined ? unit : { start: before.end, end: before.end + 1, weight: 0 };
    seen += unit.weight;
    before = unit;
  }
  return before && { start: before.end, end: before.end + 1, weight: 0 };
}

function writtenUnits(node: ScalarNode, text: string): Unit[] {
  const pattern = UNIT_PATTERNS[node.style];
  const quoted = node.style === 'double' || node.style === 'single' ? 1 : 0;
  const start = isBlock(node) ? text.indexOf('\n', node.start) + 1 : node.start + quoted;
  const units: Unit[] = [];
  for (const match of text.slice(start, node.end - quoted).matchAll(pattern)) {
    const at = start + match.index;
    const weight = weightOf(match[0], node.style);
    if (weight > 0) units.push({ start: at, end: at + match[0].length, weight });
  }
  return units;
}

function isBlock(node: ScalarNode): boolean {
  return node.style === 'literal' || node.style === 'folded';
}

const UNIT_PATTERNS: Readonly<Record<ScalarNode['style'], RegExp>> = {
  plain: /[^ \t\r\n]/g,
  literal: /[^ \t\r\n]/g,
  folded: /[^ \t\r\n]/g,
  single: /''|[^ \t\r\n]/g,
  double: /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n|.)|[^ \t\r\n]/g,
};

// How many solid UTF-16 units of the value an escape or character stands for.
function weightOf(written: string, style: ScalarNode['style']): number {
  if (style !== 'double' || written[0] !== '\\') return 1;
  const hex = /^\\[xuU]([0-9a-fA-F]+)$/.exec(written)?.[1];
  if (hex === undefined) return /^\\[ trn\t\r\n]/.test(written) ? 0 : 1;
  const code = Number.parseInt(hex, 16);
  if ([0x20, 0x09, 0x0d, 0x0a].includes(code)) return 0;
  return code > 0xffff ? 2 : 1;
}
