import {
  type ArithmeticExpression,
  type ArithmeticWord,
  forEachChild,
  type ParameterExpansionPart,
  type ParameterOperation,
  type SyntaxNode,
  type Word,
  type WordPart,
} from 'unbash';
import type { Marker } from './marked-script.ts';
import type { Form, Places, Range } from './places.ts';
import {
  AFTER_ESCAPE,
  ANSI_QUOTES,
  ARITHMETIC,
  BRACE_RANGE,
  INDIRECTION,
  NAME_POSITION,
  NESTED_BACKQUOTES,
  NESTED_QUOTES,
  TRANSLATED_TEXT,
} from './refusal.ts';

/** What a walk through a script carries along. */
export interface Walk {
  readonly places: Places;
  readonly dialect: 'bash' | 'sh';
  /** Names of variables that the script evaluates: in arithmetic, by `eval`, as a command. */
  readonly evaluated: Set<string>;
  /** Walks a script within a word: `$(…)`, backquotes, `<(…)`. */
  script(node: SyntaxNode): void;
}

/** `quoted` is within double quotes or a here-document. */
export type Quoting = 'bare' | 'quoted';

/** Finds the form of every reference in a word. */
export function walkWord(walk: Walk, word: Word, quoting: Quoting = 'bare'): void {
  if (word.parts) walkParts(walk, word.parts, quoting);
  else placeLiteral(walk, word, quoting);
}

/** Finds the form of every reference in the parts of a word or here-document. */
export function walkParts(walk: Walk, parts: readonly WordPart[], quoting: Quoting): void {
  for (const part of parts) walkPart(walk, part, quoting);
}

/** Text without any structure. */
export function placeLiteral(walk: Walk, range: Range, form: Form): void {
  for (const marker of walk.places.within(range)) {
    if (isAfterEscape(walk, marker)) walk.places.refuse(marker, AFTER_ESCAPE);
    else walk.places.place(marker, form);
  }
}

/** An odd number of backslashes, or a dollar sign, would take the quotes of the reference for something else. */
function isAfterEscape(walk: Walk, marker: Marker): boolean {
  const { text } = walk.places.script;
  let at = marker.start;
  while (text[at - 1] === '\\') at--;
  return (marker.start - at) % 2 === 1 || text[marker.start - 1] === '$';
}

function walkPart(walk: Walk, part: WordPart, quoting: Quoting): void {
  switch (part.type) {
    case 'Literal':
      placeLiteral(walk, part, quoting);
      break;
    case 'Glob':
    case 'ExtendedGlob':
    case 'BraceExpansion':
      walkPattern(walk, part, quoting);
      break;
    case 'ParameterExpansion':
      walkParameter(walk, part, quoting);
      break;
    case 'ArithmeticExpansion':
      walkArithmetic(walk, part, part.expression);
      break;
    case 'CommandExpansion':
    case 'ProcessSubstitution':
      walkSubstitution(walk, part);
      break;
    case 'SimpleExpansion':
      break;
    default:
      walkQuotes(walk, part, quoting);
  }
}

type Pattern = Extract<WordPart, { type: 'Glob' | 'ExtendedGlob' | 'BraceExpansion' }>;

function walkPattern(walk: Walk, part: Pattern, quoting: Quoting): void {
  if (part.type === 'BraceExpansion' && part.text.includes('..')) walk.places.refuseAll(part, BRACE_RANGE);
  if (part.parts) walkParts(walk, part.parts, quoting);
  else placeLiteral(walk, part, quoting);
}

type Quotes = Extract<WordPart, { type: 'SingleQuoted' | 'DoubleQuoted' | 'AnsiCQuoted' | 'LocaleString' }>;

function walkQuotes(walk: Walk, part: Quotes, quoting: Quoting): void {
  if (quoting === 'quoted') walk.places.refuseAll(part, NESTED_QUOTES);
  else if (part.type === 'DoubleQuoted') walkParts(walk, part.parts, 'quoted');
  else if (part.type === 'LocaleString') walk.places.refuseAll(part, TRANSLATED_TEXT);
  else if (part.type === 'AnsiCQuoted') walkAnsi(walk, part);
  else for (const marker of walk.places.within(part)) walk.places.place(marker, 'single');
}

function walkAnsi(walk: Walk, part: Range): void {
  if (walk.dialect === 'sh') walk.places.refuseAll(part, ANSI_QUOTES);
  for (const marker of walk.places.within(part)) {
    // `\c` takes the next character, which would be our closing quote.
    if (walk.places.script.text.slice(0, marker.start).endsWith('\\c')) walk.places.refuse(marker, AFTER_ESCAPE);
  }
  placeLiteral(walk, part, 'ansi');
}

type Substitution = Extract<WordPart, { type: 'CommandExpansion' | 'ProcessSubstitution' }>;

/** A script with escaped characters has positions of its own: nothing in it can be placed. */
function walkSubstitution(walk: Walk, part: Substitution): void {
  if (part.script?.source !== undefined) walk.places.refuseAll(part, NESTED_BACKQUOTES);
  else if (part.script) walk.script(part.script);
}

function walkParameter(walk: Walk, part: ParameterExpansionPart, quoting: Quoting): void {
  if (part.prefix === '!') walk.places.refuseAll(part, INDIRECTION);
  if (part.prefix === '!' || part.operation?.type === 'Transform') walk.evaluated.add(part.parameter);
  walk.places.refuseAll({ pos: part.pos, end: part.parameterEnd }, NAME_POSITION);
  if (part.index) walkIndex(walk, part.index);
  if (part.operation) walkOperation(walk, part.operation, quoting);
}

function walkOperation(walk: Walk, operation: ParameterOperation, quoting: Quoting): void {
  if (operation.type === 'Default') {
    walkWord(walk, operation.operand, quoting);
  } else if (operation.type === 'Remove') {
    walkWord(walk, operation.operand);
  } else if (operation.type === 'Replace') {
    walkWord(walk, operation.pattern);
    if (quoting === 'quoted') walk.places.refuseAll(operation.replacement, NESTED_QUOTES);
    walkWord(walk, operation.replacement);
  } else if (operation.type === 'Slice') {
    walkIndex(walk, operation.offset);
    if (operation.length) walkIndex(walk, operation.length);
  }
}

/** A subscript, or the start or length of a slice: arithmetic. Only a number that stands alone is safe there. */
export function walkIndex(walk: Walk, word: Word): void {
  noteNames(walk, word.text);
  placeNumber(walk, word, 'index');
}

function placeNumber(walk: Walk, range: Range, form: Form): void {
  for (const marker of walk.places.within(range)) {
    const isWhole = marker.start === range.pos && marker.end === range.end;
    if (isWhole && walk.places.holds(range) === 'numbers') walk.places.place(marker, form);
    else walk.places.refuse(marker, ARITHMETIC);
  }
}

/** Arithmetic: numbers that stand for themselves are fine, everything else is refused. */
export function walkArithmetic(
  walk: Walk,
  range: Range,
  ...expressions: readonly (ArithmeticExpression | undefined)[]
): void {
  const words = expressions.flatMap((expression) => (expression ? arithmeticWords(expression) : []));
  for (const word of words) {
    noteNames(walk, word.value);
    if (!word.parts) placeNumber(walk, word, 'number');
  }
  for (const marker of walk.places.within(range)) {
    if (!walk.places.formOf(marker)) walk.places.refuse(marker, ARITHMETIC);
  }
}

function arithmeticWords(node: SyntaxNode): readonly ArithmeticWord[] {
  if (node.type === 'ArithmeticWord') return [node];
  const words: ArithmeticWord[] = [];
  if (node.type !== 'ArithmeticCommandExpansion') forEachChild(node, (child) => words.push(...arithmeticWords(child)));
  return words;
}

/** Remembers the names of variables in a text that the script evaluates. */
export function noteNames(walk: Walk, text: string): void {
  for (const [name] of text.matchAll(/[A-Za-z_]\w*/g)) walk.evaluated.add(name);
}

/** The same for a text in which only `$name` and `${name…}` are variables. */
export function noteVariables(walk: Walk, text: string): void {
  for (const [, name] of text.matchAll(/\$\{?[#!]?([A-Za-z_]\w*)/g)) if (name) walk.evaluated.add(name);
}
