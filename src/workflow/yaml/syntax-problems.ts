import { type Document, visit } from 'yaml';
import type { More, Reporter } from '../reporter.ts';
import type { Range } from '../source.ts';
import type { YamlProblem } from './read-document.ts';

/** Reports what the YAML library found, in our words and at the place that must be changed; one remark per line. */
export function reportSyntaxProblems(
  problems: readonly YamlProblem[],
  document: Document.Parsed,
  reporter: Reporter,
): void {
  const lines = new Set<number>();
  for (const problem of problems.filter((problem) => !ignored(problem)).slice(0, MOST_EXPLAINED)) {
    const finding = explain(problem, document, reporter.source.text);
    const { line } = reporter.source.place(finding.range);
    if (lines.has(line)) continue;
    lines.add(line);
    reporter.error(finding.code, finding.range, finding.message, finding.more);
  }
}

// After so many, the rest only follows from the first, and to explain one costs a look at the whole document.
const MOST_EXPLAINED = 100;

/** True for problems that leave the document without a trustworthy shape. */
export function isSyntaxError(problem: YamlProblem): boolean {
  return !ignored(problem) && problem.code !== 'TAG_RESOLVE_FAILED' && problem.code !== 'RESOURCE_EXHAUSTION';
}

interface Finding {
  readonly code: string;
  readonly range: Range;
  readonly message: string;
  readonly more?: More;
}

// Remarks of the library about style.
function ignored(problem: YamlProblem): boolean {
  return problem.name === 'YAMLWarning' && problem.code !== 'TAG_RESOLVE_FAILED';
}

function explain(problem: YamlProblem, document: Document.Parsed, text: string): Finding {
  const [start, end] = problem.pos;
  const range = { start: Math.min(start, text.length), end };
  return (
    unquotedTemplate(text, range) ??
    unclosedQuote(problem, document, range) ??
    unclosedBracket(problem, document, text, range) ??
    byCode(problem, range, text)
  );
}

// Text after an unquoted template ends up as "unexpected" on the same line.
function unquotedTemplate(text: string, { start }: Range): Finding | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const match = /^[^"'#]*?(?:[:,[]|-)\s+(\{\{.*)$/m.exec(text.slice(lineStart, lineStart + 500));
  if (match?.[1] === undefined || match.index > 0) return undefined;
  const at = lineStart + match[0].length - match[1].length;
  if (at > start) return undefined;
  const message = 'a value that begins with {{ needs quotes';
  const more = { hint: 'write it in quotes: "{{ … }}"; YAML reads a bare { as a mapping' };
  return { code: 'unquoted-template', range: { start: at, end: at + match[1].trimEnd().length }, message, more };
}

function unclosedQuote(problem: YamlProblem, document: Document.Parsed, range: Range): Finding | undefined {
  const quote = /^Missing closing (["'])quote/.exec(problem.message)?.[1];
  if (quote === undefined) return undefined;
  let opened: Range = range;
  visit(document, {
    Scalar: (_key, node) => {
      const from = node.range?.[0] ?? 0;
      if (node.type?.startsWith('QUOTE') && from <= range.start) opened = { start: from, end: from + 1 };
    },
  });
  const related = [{ message: 'the file goes on as text up to here', range: { start: range.start, end: range.start } }];
  const message = `the quote ${quote} opened here is never closed`;
  return { code: 'unclosed', range: opened, message, more: { related } };
}

function unclosedBracket(
  problem: YamlProblem,
  document: Document.Parsed,
  text: string,
  range: Range,
): Finding | undefined {
  const bracket = /end with a ([\]}])$/.exec(problem.message)?.[1];
  if (bracket === undefined) return undefined;
  let opened: Range = range;
  visit(document, {
    Collection: (_key, node) => {
      const [from = 0, to = 0] = node.range ?? [];
      const isOpen = node.flow === true && text[to - 1] !== bracket;
      if (isOpen && from <= range.start) opened = { start: from, end: from + 1 };
    },
  });
  const message = `the ${bracket === ']' ? '[' : '{'} opened here is never closed`;
  return { code: 'unclosed', range: opened, message, more: { hint: `a ${bracket} is missing` } };
}

function byCode(problem: YamlProblem, range: Range, text: string): Finding {
  switch (problem.code) {
    case 'TAB_AS_INDENT':
      return syntax('tab-indent', range, 'a tab cannot be used for indentation', 'use spaces');
    case 'BLOCK_AS_IMPLICIT_KEY':
      return syntax('unquoted-colon', range, 'a second ": " on the line makes a mapping inside of the value', QUOTE);
    case 'MULTILINE_IMPLICIT_KEY':
      return missingColon(range, text);
    case 'BAD_INDENT':
      return badIndent(range);
    case 'BAD_DQ_ESCAPE':
      return badEscape(range, text);
    case 'BAD_SCALAR_START':
      return syntax('bad-yaml', range, `a value cannot begin with ${text[range.start] ?? 'this'}`, QUOTE);
    case 'TAG_RESOLVE_FAILED':
      return syntax('unknown-tag', range, `the tag ${text.slice(range.start, range.end)} is not known here`, UNTAG);
    case 'MISSING_CHAR':
      return missing(problem, range, text);
    case 'BAD_ALIAS':
      return syntax('bad-yaml', range, problem.message.toLowerCase(), QUOTE);
    default:
      return unexpected(problem, range, text);
  }
}

const QUOTE = 'put the whole value in quotes, or use a block with |';
const UNTAG = 'a workflow file has no tags; leave it out, or put the value in quotes';

function syntax(code: string, range: Range, message: string, hint?: string, fix?: More['fix']): Finding {
  return { code, range, message, more: { hint, fix } };
}

function insertion(start: number, text: string): More['fix'] {
  return [{ start, end: start, text }];
}

function badIndent(range: Range): Finding {
  const hint = 'line it up with the lines it belongs to';
  return syntax('bad-indent', range, 'this line is not indented like its neighbours', hint);
}

function missingColon(range: Range, text: string): Finding {
  const line = text.slice(range.start, text.indexOf('\n', range.start) >>> 0);
  const glued = /^([\w-]+:)[^\s:/]/.exec(line)?.[1];
  const word = /^[A-Za-z_]+(?=\s*$)/.exec(line)?.[0];
  if (/^[\w-]+:\S/.test(line)) {
    const fix = glued === undefined ? undefined : insertion(range.start + glued.length, ' ');
    return syntax('bad-yaml', range, 'a space is missing after the colon', 'write `key: value`', fix);
  }
  // In front of a list, nothing but a key can stand there.
  const isKey = word !== undefined && /^[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*[ ]*- /.test(text.slice(range.start));
  const fix = isKey ? insertion(range.start + word.length, ':') : undefined;
  const hint = 'write `key: value`; a key stands on one line';
  return syntax('bad-yaml', range, 'a colon is missing after the key', hint, fix);
}

function missing(problem: YamlProblem, range: Range, text: string): Finding {
  if (problem.message.startsWith('Implicit map keys need')) return missingColon(range, text);
  if (problem.message.startsWith('Sequence item without')) return badIndent(range);
  if (problem.message.startsWith('Missing , ')) {
    return syntax('missing-comma', range, 'a comma is missing before this item', 'put commas between items');
  }
  if (problem.message.includes('separated')) return syntax('bad-yaml', range, 'a space is missing here');
  return syntax('bad-yaml', range, problem.message.charAt(0).toLowerCase() + problem.message.slice(1));
}

function badEscape(range: Range, text: string): Finding {
  const written = text.slice(range.start, range.start + 2);
  const hint = 'in double quotes write \\\\ for a backslash, or use single quotes';
  return syntax('bad-yaml', { start: range.start, end: range.start + 2 }, `${written} is not an escape of YAML`, hint);
}

function unexpected(problem: YamlProblem, range: Range, text: string): Finding {
  const character = text[range.start];
  const isMark = character !== undefined && /[\]},[{]/.test(character);
  if (isMark)
    return syntax('bad-yaml', range, `unexpected ${character}`, 'remove it, or put the whole value in quotes');
  if (problem.message.includes('at node end')) {
    return syntax('bad-yaml', range, 'the value ended before this', QUOTE);
  }
  return syntax('bad-yaml', range, problem.message.charAt(0).toLowerCase() + problem.message.slice(1));
}
