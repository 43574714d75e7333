import { type Document, isScalar, visit } from 'yaml';
import type { TextEdit } from '../../model/diagnostic.ts';
import type { Range } from '../source.ts';
import type { YamlProblem } from './read-document.ts';

/** A mechanical mistake that can be told from the text alone, and the character that mends it. */
export interface Slip extends Range {
  readonly code: 'no-break-space' | 'slash-comment' | 'missing-comma' | 'stray-comma';
  readonly message: string;
  readonly hint: string;
  /** Replaces every UTF-16 unit at `offsets`, to read on. */
  readonly replacement: string;
  readonly offsets: readonly number[];
  /** Repairs the file. */
  readonly fix: readonly TextEdit[];
}

/** The slips of a text that YAML could not read, or read in a way nobody means. */
export function findSlips(text: string, problems: readonly YamlProblem[], document: Document.Parsed): readonly Slip[] {
  const spaces = problems.length > 0 || keysThatBegin('\u00a0', text, document).length > 0 ? noBreakSpaces(text) : [];
  if (spaces.length > 0) return spaces;
  const comments = slashComments(text, problems, document);
  if (comments.length > 0) return comments;
  return problems.slice(0, MOST_SLIPS).flatMap((problem) => commaSlip(text, problem) ?? []);
}

// Offsets of such keys. Indented by no-break spaces, or as a comment with a colon in it, a line can still be YAML.
function keysThatBegin(start: string, text: string, document: Document.Parsed): number[] {
  if (!text.includes(start)) return [];
  const found: number[] = [];
  visit(document, {
    Pair: (_key, { key }) => {
      if (isScalar(key) && key.range && text.startsWith(start, key.range[0])) found.push(key.range[0]);
    },
  });
  return found;
}

const MOST_SLIPS = 1_000;

/**
 * The text without its slips, every character in its old place, so that what else is wrong can be found too. It is never
 * run: each slip is an error.
 */
export function mend(text: string, slips: readonly Slip[]): string {
  const edits = slips.flatMap(({ offsets, replacement }) => offsets.map((offset) => ({ offset, replacement })));
  edits.sort((a, b) => a.offset - b.offset);
  const parts: string[] = [];
  let from = 0;
  for (const { offset, replacement } of edits) {
    parts.push(text.slice(from, offset), replacement);
    from = offset + 1;
  }
  return parts.join('') + text.slice(from);
}

function noBreakSpaces(text: string): Slip[] {
  return [...text.matchAll(/^(?:[ \u00a0]|-(?=[ \u00a0]))*\u00a0/gm)].map((match) => {
    const offsets = [...match[0].matchAll(/\u00a0/g)].map((space) => match.index + space.index);
    const [start = match.index] = offsets;
    const count = offsets.length === 1 ? 'a no-break space' : `${offsets.length} no-break spaces`;
    return {
      code: 'no-break-space',
      start,
      end: match.index + match[0].length,
      message: `${count} (U+00A0) in the indentation`,
      hint: 'YAML counts ordinary spaces only; they look the same',
      replacement: ' ',
      offsets,
      fix: offsets.map((offset) => ({ start: offset, end: offset + 1, text: ' ' })),
    };
  });
}

// Whole lines that YAML stumbles over, or takes for a key.
function slashComments(text: string, problems: readonly YamlProblem[], document: Document.Parsed): Slip[] {
  if (!text.includes('//')) return [];
  const offsets = [...problems.slice(0, MOST_SLIPS).map(({ pos }) => pos[0]), ...keysThatBegin('//', text, document)];
  const starts = offsets.filter((offset) => text.startsWith('//', offset) && beginsLine(text, offset));
  return [...new Set(starts)].map((start) => ({
    code: 'slash-comment',
    start,
    end: start + 2,
    message: 'a comment begins with #, not with //',
    hint: 'write #',
    replacement: '#',
    offsets: [start, start + 1],
    fix: [{ start, end: start + 2, text: '#' }],
  }));
}

function beginsLine(text: string, offset: number): boolean {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).trim() === '';
}

function commaSlip(text: string, problem: YamlProblem): Slip | undefined {
  const [start] = problem.pos;
  if (problem.message.startsWith('Missing , ') && /["'\]}]\s/.test(text.slice(start - 2, start))) {
    return {
      code: 'missing-comma',
      start,
      end: start + 1,
      message: 'a comma is missing before this item',
      hint: 'put commas between the items of a list',
      replacement: ',',
      offsets: [start - 1],
      fix: [{ start: start - 1, end: start - 1, text: ',' }],
    };
  }
  if (problem.message.includes('at node end') && text[start] === ',') {
    return {
      code: 'stray-comma',
      start,
      end: start + 1,
      message: 'a comma after the end of the value',
      hint: 'remove it; only lists in [ ] and mappings in { } have commas',
      replacement: ' ',
      offsets: [start],
      fix: [{ start, end: start + 1, text: '' }],
    };
  }
  return undefined;
}
