import { nearest } from '../util/nearest.ts';
import type { Parsed } from './grammar.ts';
import {
  type Block,
  type Invocation,
  isBlock,
  isContent,
  isLiteral,
  isMustache,
  isPath,
  isSubExpression,
  type LiteralNode,
  type Mustache,
  type Node,
  type PathExpression,
  type Program,
} from './handlebars-node.ts';
import { HELPERS, LAZY_HELPERS } from './helper-table.ts';
import { type Problem, type ProblemCode, problemAt } from './problem.ts';
import type { Insert, Literal, Operand, Path, Piece } from './syntax.ts';

/** Turns a parsed source into the pieces we evaluate. Whatever the language does not have becomes a problem, all at once. */
export function buildPieces(
  parsed: Parsed,
  helpers: ReadonlySet<string>,
): {
  readonly pieces: readonly Piece[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const build = { ...parsed, helpers, problems, inEach: false };
  return { pieces: piecesOf(build, parsed.program), problems };
}

interface Build extends Parsed {
  /** Names of the helpers that plugins bring. */
  readonly helpers: ReadonlySet<string>;
  readonly problems: Problem[];
  readonly inEach: boolean;
}

function piecesOf(build: Build, program: Program | undefined): readonly Piece[] {
  return (program?.body ?? []).flatMap((node) => pieceOf(build, node) ?? []);
}

function pieceOf(build: Build, node: Node): Piece | null {
  if (isContent(node)) return node.value;
  if (node.type === 'CommentStatement') return null;
  if (isMustache(node)) return insertOf(build, node);
  if (isBlock(node)) return blockOf(build, node);
  const name = UNSUPPORTED.get(node.type) ?? 'this';
  return refuse(build, node, 'bad-template', `${name} cannot be used here`, 'write \\{{ when two braces are meant');
}

const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['PartialStatement', 'a partial ({{> … }})'],
  ['PartialBlockStatement', 'a partial ({{#> … }})'],
  ['Decorator', 'a decorator ({{* … }})'],
  ['DecoratorBlock', 'an inline partial ({{#* … }})'],
]);

function insertOf(build: Build, node: Mustache): Insert | null {
  const operand = invocationOf(build, node);
  return operand && { kind: 'insert', operand, raw: !node.escaped, ...build.spanOf(node) };
}

function blockOf(build: Build, node: Block): Piece | null {
  const name = nameOf(node.path);
  if (name !== 'if' && name !== 'unless' && name !== 'each') return refuseBlock(build, node, name);
  const [subject, ...more] = node.params;
  if (!subject || more.length > 0) return refuse(build, node.path, 'bad-template', `{{#${name}}} takes one value`);
  if (hasBlockParameters(node))
    return refuse(build, node.path, 'bad-template', 'names between bars (as |x|) cannot be used', 'write this');
  if (node.hash) return refuse(build, node.hash, 'bad-template', 'a block takes no name=value');
  const operand = operandOf(build, subject);
  const body = piecesOf(name === 'each' ? { ...build, inEach: true } : build, node.program);
  const otherwise = piecesOf(build, node.inverse);
  if (!operand) return null;
  const span = build.spanOf(node);
  if (name === 'each') return { kind: 'each', list: operand, body, otherwise, ...span };
  return { kind: 'if', condition: operand, negated: name === 'unless', body, otherwise, ...span };
}

function refuseBlock(build: Build, node: Block, name: string): null {
  return refuse(
    build,
    node.path,
    'unknown-helper',
    `there is no block {{#${name}}}`,
    'the blocks are if, unless and each',
  );
}

function hasBlockParameters(node: Block): boolean {
  return [node.program, node.inverse].some((program) => (program?.blockParams?.length ?? 0) > 0);
}

/** `{{ x }}` is a value, `{{ helper x }}` a call. */
function invocationOf(build: Build, node: Invocation): Operand | null {
  if (node.params.length === 0 && !node.hash && !isHelperName(build, node.path)) return operandOf(build, node.path);
  const name = nameOf(node.path);
  const arity = HELPERS.get(name)?.arity ?? LAZY_HELPERS.get(name) ?? (build.helpers.has(name) ? ANY_NUMBER : null);
  if (!arity)
    return refuse(build, node.path, 'unknown-helper', `there is no helper "${name}"`, suggestion(build, name));
  if (node.hash) return refuse(build, node.hash, 'bad-template', 'a helper takes no name=value');
  const operands = node.params.map((parameter) => operandOf(build, parameter));
  const [least, most] = arity;
  if (operands.length < least || operands.length > most)
    return refuse(build, node.path, 'bad-template', arityMessage(name, arity));
  const complete = operands.filter((operand) => operand !== null);
  if (complete.length < operands.length) return null;
  return { kind: 'call', helper: name, operands: complete, ...build.spanOf(node) };
}

/** What the helpers of plugins take is theirs to judge. */
const ANY_NUMBER = [0, Number.POSITIVE_INFINITY] as const;

function arityMessage(name: string, [least, most]: readonly [number, number]): string {
  const number =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
  return `"${name}" takes ${number} ${most === 1 ? 'value' : 'values'}`;
}

function suggestion({ helpers }: Build, name: string): string {
  const names = [...HELPERS.keys(), ...LAZY_HELPERS.keys(), ...helpers];
  const near = OTHER_NAMES.get(name.toLowerCase()) ?? nearest(name, names);
  return near
    ? `did you mean "${near}"? For two literal braces write \\{{`
    : `for two literal braces write \\{{; the helpers are ${names.sort().join(', ')}`;
}

/** What the same helper is called elsewhere. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['contains', 'includes'],
  ['startswith', 'starts_with'],
  ['endswith', 'ends_with'],
  ['tojson', 'json'],
  ['equals', 'eq'],
  ['neq', 'ne'],
  ['glob', 'matches'],
  ['uppercase', 'upper'],
  ['lowercase', 'lower'],
]);

function operandOf(build: Build, node: Node): Operand | null {
  if (isLiteral(node)) return literalOf(build, node);
  if (isPath(node)) return pathOf(build, node);
  if (isSubExpression(node)) return invocationOf(build, node);
  return refuse(build, node, 'bad-template', 'this value cannot be used here');
}

function literalOf(build: Build, node: LiteralNode): Literal {
  return { kind: 'literal', value: node.type === 'NullLiteral' ? null : node.value, ...build.spanOf(node) };
}

const LOOP_NAMES = ['index', 'key', 'first', 'last'];
const ITEM = /^(?:this|\.)(?:[./]|$)/;

function pathOf(build: Build, node: PathExpression): Path | null {
  const span = build.spanOf(node);
  if (node.depth > 0)
    return refuse(build, node, 'bad-template', '"../" cannot be used', 'every name is looked up in the whole context');
  if (node.data) {
    if (!build.inEach || node.parts.length !== 1 || !LOOP_NAMES.includes(node.parts[0] ?? '')) {
      return refuse(
        build,
        node,
        'bad-template',
        `"${node.original}" means nothing here`,
        'within {{#each}} there are @index, @key, @first and @last',
      );
    }
    return { kind: 'path', base: 'loop', segments: node.parts, ...span };
  }
  if (!ITEM.test(node.original)) return { kind: 'path', base: 'context', segments: withoutOutput(node.parts), ...span };
  if (!build.inEach)
    return refuse(build, node, 'bad-template', `"${node.original}" means something only within {{#each}}`);
  return { kind: 'path', base: 'item', segments: node.parts, ...span };
}

const ROOTS = ['inputs', 'env', 'secrets', 'matrix', 'objects', 'trigger', 'run', 'workflow'];

/** `task.output.name` and `task.outputs.name` are the seed's older ways to write `task.name`. */
function withoutOutput(parts: readonly string[]): readonly string[] {
  const [task, word, variable] = parts;
  const older = parts.length === 3 && (word === 'output' || word === 'outputs') && !ROOTS.includes(task ?? '');
  return older && task !== undefined && variable !== undefined ? [task, variable] : parts;
}

function refuse(build: Build, node: Node, code: ProblemCode, message: string, hint?: string): null {
  build.problems.push(problemAt(build.spanOf(node), code, message, hint));
  return null;
}

function isHelperName({ helpers }: Build, node: Node): boolean {
  if (!isPath(node) || node.parts.length !== 1) return false;
  return HELPERS.has(node.original) || LAZY_HELPERS.has(node.original) || helpers.has(node.original);
}

function nameOf(node: Node): string {
  return isPath(node) ? node.original : '';
}
