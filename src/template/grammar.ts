import * as nodes from 'handlebars/dist/cjs/handlebars/compiler/helpers.js';
import parser from 'handlebars/dist/cjs/handlebars/compiler/parser.js';
import WhitespaceControl from 'handlebars/dist/cjs/handlebars/compiler/whitespace-control.js';
import type { Location, Program } from './handlebars-node.ts';
import { type Problem, problemAt, type Span } from './problem.ts';
import { type Scan, scanTags, type Tag } from './scan.ts';

/** What the lexer knows of a token's place. */
export interface LexerLocation {
  readonly first_line: number;
  readonly first_column: number;
}

/** The parser Jison generated for Handlebars. */
export interface Parser {
  yy: object;
  readonly lexer: { readonly yylloc: LexerLocation };
  parse(text: string): Program;
}

/** A parsed source: the tree, and how to find its nodes in the source. */
export interface Parsed {
  readonly program: Program;
  readonly tags: readonly Tag[];
  spanOf(node: { readonly loc: Location }): Span;
}

/** Parses a source with the Handlebars grammar; answers the problems instead when there are any. */
export function parseTemplate(source: string): Parsed | { readonly problems: readonly Problem[] } {
  const scan = scanTags(source);
  if (scan.problems.length > 0) return scan;
  const toOffset = lineIndex(source);
  const program = parse(scan.text);
  if (!(program instanceof SyntaxProblem)) {
    return { program, tags: scan.tags, spanOf: ({ loc }) => spanBetween(toOffset(loc.start), toOffset(loc.end)) };
  }
  const single = scan.tags.flatMap((tag) => problemOfTag(scan, tag));
  return { problems: single.length > 0 ? single : [problemOfParse(program, source, toOffset)] };
}

/** What the parser objects to, and where. */
class SyntaxProblem extends Error {
  readonly line: number;
  readonly column: number;
  readonly found: string;
  constructor(line: number, column: number, found: string, message: string) {
    super(message);
    this.line = line;
    this.column = column;
    this.found = found;
  }
}

function parse(text: string): Program | SyntaxProblem {
  // An object of our own: the parser keeps its hooks as properties of itself.
  const own: Parser = Object.create(parser);
  const parseError = (_message: string, found: { readonly text: string; readonly loc?: unknown }) => {
    const { first_line, first_column } = own.lexer.yylloc;
    throw new SyntaxProblem(first_line, first_column, found.text, '');
  };
  const locInfo = (location: LexerLocation) => Reflect.construct(nodes.SourceLocation, [undefined, location]);
  own.yy = { ...nodes, locInfo, parseError };
  try {
    return new WhitespaceControl().accept(own.parse(text));
  } catch (error) {
    if (error instanceof SyntaxProblem) return error;
    return fromHandlebars(error);
  }
}

/** Handlebars throws its own error where blocks do not match or a path is odd. */
function fromHandlebars(error: unknown): SyntaxProblem {
  if (!(error instanceof Error) || !('lineNumber' in error) || typeof error.lineNumber !== 'number') throw error;
  const column = 'column' in error && typeof error.column === 'number' ? error.column : 0;
  return new SyntaxProblem(error.lineNumber, column, '', error.message.replace(/ - \d+:\d+$/, ''));
}

/** One tag alone that is wrong by itself, so that all of them are told at once. */
function problemOfTag(scan: Scan, tag: Tag): Problem[] {
  if (tag.kind !== 'plain') return [];
  const text = scan.text.slice(tag.offset, tag.offset + tag.length);
  const result = parse(text);
  if (!(result instanceof SyntaxProblem)) return [];
  const { offset, ...problem } = problemOfParse(result, text, lineIndex(text));
  return [{ ...problem, offset: offset + tag.offset }];
}

function problemOfParse(error: SyntaxProblem, source: string, toOffset: ReturnType<typeof lineIndex>): Problem {
  const offset = Math.min(toOffset(error), Math.max(0, source.length - 1));
  const found = error.found === '' ? '' : (error.found.split(/[\r\n]/, 1)[0] ?? '');
  const message = error.message || (found === '' ? 'the template ends too early' : `"${found}" is not expected here`);
  return problemAt({ offset, length: found.length }, 'bad-template', message, hintFor(source, offset, found));
}

function hintFor(source: string, offset: number, found: string): string | undefined {
  if (found === '' && offset >= source.length - 1) return 'every {{#if}}, {{#unless}} and {{#each}} needs its {{/…}}';
  const rest = source.slice(offset, offset + 2);
  if (/^(?:==|!=|&&|\|\||[<>!|&])/.test(rest))
    return 'there are no operators: write eq a b, ne a b, gt a b, and a b, or a b, not a';
  if (found.startsWith('(')) return 'a helper takes its arguments without commas and parentheses: starts_with a b';
  if (/\.\s*$/.test(source.slice(0, offset)) || /^\.?\d/.test(found))
    return 'write a number in a path in brackets: list.[0]';
  return undefined;
}

function spanBetween(offset: number, end: number): Span {
  return { offset, length: Math.max(1, end - offset) };
}

/** Turns the lexer's lines and columns into offsets. Lines end as the lexer sees it. */
function lineIndex(text: string): (place: { readonly line: number; readonly column: number }) => number {
  const starts = [0];
  for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);
  return ({ line, column }) => Math.min((starts[line - 1] ?? text.length) + column, text.length);
}
