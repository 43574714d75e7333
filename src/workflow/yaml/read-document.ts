import { Composer, type CST, type Document, Lexer, Parser, type YAMLParseError, type YAMLWarning } from 'yaml';
import type { Limits } from '../limits.ts';

/** A mistake the YAML library found, with offsets. */
export type YamlProblem = YAMLParseError | YAMLWarning;

/** The outcome of reading a text as YAML. */
export type Reading =
  | { readonly kind: 'document'; readonly document: Document.Parsed; readonly problems: readonly YamlProblem[] }
  | { readonly kind: 'too-large'; readonly what: string }
  | { readonly kind: 'many-documents'; readonly offset: number }
  | { readonly kind: 'directive'; readonly offset: number; readonly text: string };

/**
 * Reads one YAML 1.2 document. The limits are watched while the syntax is read, before any value is made, so a hostile
 * text is given up early.
 */
export function readDocument(text: string, limits: Limits): Reading {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  const seen: Seen = { symbols: 0, brackets: 0 };
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    seen.symbols += 1;
    if (lexeme === '[' || lexeme === '{') seen.brackets += 1;
    if (seen.symbols % CHECKED_EACH > 0) continue;
    const what = excess(parser.stack, seen, limits) ?? (tokens.length > MOST_TOKENS ? MANY_SYMBOLS : undefined);
    if (what !== undefined) return { kind: 'too-large', what };
  }
  for (const token of parser.end()) tokens.push(token);
  return refusedToken(tokens) ?? compose(tokens);
}

/** What has been read so far. */
interface Seen {
  symbols: number;
  /** Those that open a list or a mapping. */
  brackets: number;
}

// To look after every symbol would cost a tenth of the time; the exact limits are held where the tree is built.
const CHECKED_EACH = 32;

// Blank lines, comments, marks and errors in one place.
const MOST_TOKENS = 50_000;
const MANY_SYMBOLS = 'it has too many words, marks and blank lines';

// The document and the value being read stand on the stack besides the open collections.
function excess(stack: readonly CST.Token[], seen: Seen, limits: Limits): string | undefined {
  if (seen.symbols > limits.symbols) return MANY_SYMBOLS;
  if (seen.brackets > limits.brackets) return `it has more than ${limits.brackets} brackets`;
  if (stack.length > limits.depth + 2) return `it is nested more than ${limits.depth} deep`;
  // All that is open, not just the innermost: in a regular text each look could find the same small value.
  for (const open of stack) {
    const what = excessIn(open, limits);
    if (what !== undefined) return what;
  }
  return undefined;
}

function excessIn(token: CST.Token, limits: Limits): string | undefined {
  if ('items' in token) {
    const count = token.items.length;
    if (isMap(token) && count > limits.keys + 1) return `a mapping has more than ${limits.keys} keys`;
    if (count > limits.tasks + 1) return `a list has more than ${limits.tasks} items`;
    const { start = [], sep } = token.items.at(-1) ?? {};
    if (start.length > MOST_TOKENS || (sep?.length ?? 0) > MOST_TOKENS) return MANY_SYMBOLS;
  }
  return 'end' in token && (token.end?.length ?? 0) > MOST_TOKENS ? MANY_SYMBOLS : undefined;
}

function isMap(token: CST.Token): boolean {
  return token.type === 'block-map' || (token.type === 'flow-collection' && token.start.source === '{');
}

function refusedToken(tokens: readonly CST.Token[]): Reading | undefined {
  const directive = tokens.find((token) => token.type === 'directive' && !/^%YAML\s+1\.2\s*$/.test(token.source));
  if (directive?.type === 'directive') {
    return { kind: 'directive', offset: directive.offset, text: directive.source };
  }
  const second = tokens.filter((token) => token.type === 'document')[1];
  return second && { kind: 'many-documents', offset: second.offset };
}

function compose(tokens: readonly CST.Token[]): Reading {
  const composer = new Composer({ uniqueKeys: false, resolveKnownTags: false });
  const [document] = withoutStacks(() => [...composer.compose(tokens, true, 0)]);
  if (document === undefined) throw new Error('Internal error: no document was made');
  return { kind: 'document', document, problems: [...document.errors, ...document.warnings] };
}

// The library makes an Error object per mistake. Collecting their stack traces is nine tenths of the time a text full of
// mistakes takes, and nobody reads them.
function withoutStacks<T>(action: () => T): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return action();
  } finally {
    Error.stackTraceLimit = before;
  }
}
