import { MAX_NESTING, MAX_SOURCE } from './limits.ts';
import { type Problem, problemAt, type Span } from './problem.ts';

/** One `{{ … }}` of a source. */
export interface Tag extends Span {
  /** `plain` is a value or a comment; the others belong to a block. */
  readonly kind: 'plain' | 'open' | 'else' | 'close';
}

/** What a look over a source found, before it is parsed. */
export interface Scan {
  /** The source with leading dots of paths and the words of comments replaced by blanks, so that every offset stays. */
  readonly text: string;
  readonly tags: readonly Tag[];
  readonly problems: readonly Problem[];
}

/**
 * Finds the tags of a source as the Handlebars lexer would, drops the leading dot of `{{ .a.b }}`, and reports what the parser would
 * report badly or slowly: GitHub's `${{`, tags that are not closed, `}}}`, too much text and too deep nesting.
 */
export function scanTags(source: string): Scan {
  if (source.length > MAX_SOURCE) return { text: source, tags: [], problems: [tooLong(source)] };
  const tags: Tag[] = [];
  const problems: Problem[] = [];
  const blanks: Span[] = [];
  for (let at = nextTag(source, 0); at !== -1; ) {
    const tag = readTag(source, at);
    blanks.push(...tag.blanks);
    if (tag.problem) problems.push(tag.problem);
    else tags.push({ offset: at, length: tag.end - at, kind: tagKind(source.slice(at, tag.end)) });
    if (source[at - 1] === '$') problems.push(githubSyntax(source, at, tag.end));
    at = nextTag(source, tag.end);
  }
  const deep = nestingProblem(tags);
  return { text: blankOut(source, blanks), tags, problems: deep ? [...problems, deep] : problems };
}

function tooLong(source: string): Problem {
  const message = `too large: a string with a template may have ${MAX_SOURCE} characters, this one has ${source.length}`;
  return problemAt(
    { offset: 0, length: 1 },
    'too-large',
    message,
    'put the text into a file and pass it with "files:"',
  );
}

/** Where the next tag begins, or -1. One backslash before `{{` makes it literal; two make a backslash and a tag. */
function nextTag(source: string, from: number): number {
  for (let at = source.indexOf('{{', from); at !== -1; at = source.indexOf('{{', at + 2)) {
    if (source[at - 1] !== '\\' || source[at - 2] === '\\') return at;
  }
  return -1;
}

interface TagText {
  /** The offset just after the tag; after the opening braces when it has no end. */
  readonly end: number;
  readonly blanks: readonly Span[];
  readonly problem?: Problem;
}

const COMMENT = /\{\{~?!(?:(?=--)[\s\S]*?--~?\}\}|(?!--)[\s\S]*?\}\})/y;
const LEADING_DOT = /\.(?=[A-Za-z_])/y;
const TOKEN = /"(?:\\"|[^"])*"|'(?:\\'|[^'])*'|\[(?:\\\]|[^\]])*\]|[^"'[.~}(){]+|[\s\S]/y;

function readTag(source: string, at: number): TagText {
  if (source.startsWith('{{{{', at)) return broken(at, at + 4, 'four braces mean nothing here');
  const comment = matchAt(COMMENT, source, at);
  if (comment !== null) return { end: at + comment.length, blanks: [commentWords(comment, at)] };
  const open = matchAt(/\{\{~?\{?/y, source, at) ?? '{{';
  return readMustache(source, at, at + open.length, open.endsWith('{{{') || open.endsWith('~{'));
}

function commentWords(comment: string, at: number): Span {
  const start = comment.indexOf('!') + 1;
  return { offset: at + start, length: comment.search(/~?\}\}$/) - start };
}

function readMustache(source: string, start: number, from: number, triple: boolean): TagText {
  const blanks: Span[] = [];
  const close = triple ? /\}~?\}\}/y : /~?\}\}/y;
  let depth = 0;
  for (let at = from; at < source.length; ) {
    const end = matchAt(close, source, at);
    if (end !== null) {
      const stop = at + end.length;
      const extra = !triple && end === '}}' && source[stop] === '}';
      return extra ? tripleClose(source, start, stop) : { end: stop, blanks };
    }
    if (source.startsWith('{{', at)) break;
    if (matchAt(LEADING_DOT, source, at) !== null && /[\s({#^&~=]/.test(source[at - 1] ?? ' '))
      blanks.push({ offset: at, length: 1 });
    const token = matchAt(TOKEN, source, at) ?? '';
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
    if (depth > MAX_NESTING) return tooDeepCall(source, start, at);
    at += token.length;
  }
  return unclosed(source, start, from);
}

function tripleClose(source: string, start: number, stop: number): TagText {
  const tag = source.slice(start, stop);
  const hint = `write ${tag.slice(0, -2).trimEnd()}~}} }`;
  const message = 'three closing braces in a row: it is unclear which two end the template';
  return { end: stop, blanks: [], problem: problemAt({ offset: stop - 2, length: 3 }, 'bad-template', message, hint) };
}

function tooDeepCall(source: string, start: number, at: number): TagText {
  const message = `too large: parentheses are nested deeper than ${MAX_NESTING}`;
  const end = source.indexOf('}}', at);
  const span = { offset: start, length: 2 };
  return { end: end === -1 ? source.length : end + 2, blanks: [], problem: problemAt(span, 'too-large', message) };
}

function unclosed(source: string, start: number, from: number): TagText {
  const rest = source.slice(from).split(/\n|\{\{/, 1)[0] ?? '';
  const almost = /[)\]}]\}|\}/.exec(rest);
  if (!almost)
    return broken(start, start + 2, 'this template is never closed', 'close it with }}, or write \\{{ for two braces');
  const offset = from + almost.index;
  const message = `this template is not closed: "${almost[0]}" where "}}" is needed`;
  const problem = problemAt({ offset, length: almost[0].length }, 'bad-template', message, 'did you mean "}}"?');
  const isPath = /^~?\s*[\w.-]+\s*$/.test(rest.slice(0, almost.index));
  return { end: from, blanks: [], problem: isPath ? { ...problem, replacement: '}}' } : problem };
}

function broken(start: number, end: number, message: string, hint = 'write \\{{ for two braces'): TagText {
  return { end, blanks: [], problem: problemAt({ offset: start, length: end - start }, 'bad-template', message, hint) };
}

function githubSyntax(source: string, at: number, end: number): Problem {
  const tag = source.slice(at, end);
  const message = 'a template has no dollar sign before its braces';
  const hint = `write ${tag.length > 80 ? '{{ … }}' : tag}`;
  return {
    ...problemAt({ offset: at - 1, length: end - at + 1 }, 'bad-template', message, hint),
    ...(tag.startsWith('{{') && tag.endsWith('}}') ? { replacement: tag } : {}),
  };
}

function tagKind(tag: string): Tag['kind'] {
  const sign = /^\{\{~?\s*(\/|#|\^|else\b)/.exec(tag)?.[1];
  if (sign === undefined) return 'plain';
  if (sign === '/') return 'close';
  if (sign === '#') return 'open';
  return /^\{\{~?\s*(?:\^|else)\s*~?\}\}$/.test(tag) ? 'else' : sign === '^' ? 'open' : 'else';
}

function nestingProblem(tags: readonly Tag[]): Problem | null {
  const open: number[] = [];
  let depth = 0;
  for (const tag of tags) {
    if (tag.kind === 'open') open.push(1);
    if (tag.kind === 'else') open.push((open.pop() ?? 0) + 1);
    depth += tag.kind === 'open' || tag.kind === 'else' ? 1 : 0;
    if (tag.kind === 'close') depth -= open.pop() ?? 0;
    if (depth > 2 * MAX_NESTING || open.length > MAX_NESTING) {
      return problemAt(tag, 'too-large', `too large: blocks are nested deeper than ${MAX_NESTING}`);
    }
  }
  return null;
}

function blankOut(source: string, blanks: readonly Span[]): string {
  let text = '';
  let from = 0;
  for (const { offset, length } of blanks) {
    text += source.slice(from, offset) + source.slice(offset, offset + length).replace(/[^\r\n]/g, ' ');
    from = offset + length;
  }
  return text + source.slice(from);
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}
