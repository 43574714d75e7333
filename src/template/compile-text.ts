import type { Expression, Reference, Template, Text } from '../model/template.ts';
import { buildPieces } from './build.ts';
import { evaluateCondition } from './evaluate.ts';
import { type Parsed, parseTemplate } from './grammar.ts';
import { type Compiled, compiled, type Problem, problemAt, refused } from './problem.ts';
import { operandReferences, referencesOf } from './references.ts';
import { renderPieces } from './render.ts';
import type { Operand, Piece } from './syntax.ts';

/** Compiles a text: itself when it has no template (`\{{` then stands for `{{`), else a Template. */
export function compilePlainText(source: string, helpers = NO_HELPERS): Compiled<Text> {
  if (!source.includes('{{')) return compiled(source);
  const parsed = parsePieces(source, helpers);
  if (!parsed.value) return refused(parsed.problems);
  const pieces = parsed.value;
  return compiled(pieces.every(isText) ? pieces.join('') : newTemplate(pieces, source));
}

/** Compiles a condition: one bare helper expression, with or without braces around it. */
export function compileCondition(source: string, helpers = NO_HELPERS): Compiled<Expression> {
  const braced = /^\s*\{\{(?!\{)[\s\S]*\}\}\s*$/.test(source);
  const shift = braced ? 0 : 2;
  const parsed = parsePieces(braced ? source : `{{${source}}}`, helpers);
  const problems = parsed.problems.map((problem) => movedBack(problem, shift, source));
  if (!parsed.value) return refused(problems.map((problem) => asCondition(problem, source)));
  const [piece, ...more] = parsed.value.filter((candidate) => typeof candidate !== 'string' || candidate.trim() !== '');
  if (typeof piece !== 'object' || piece.kind !== 'insert' || piece.raw || more.length > 0)
    return refused([notOneValue(source)]);
  return compiled(newExpression(piece.operand, source, shift));
}

/** Names of the helpers that plugins bring, where they bring none. */
export const NO_HELPERS: ReadonlySet<string> = new Set();

/** The pieces of a source, or its problems. `helpers` are the names of those that plugins bring. */
export function parsePieces(
  source: string,
  helpers: ReadonlySet<string>,
): Compiled<readonly Piece[]> & { readonly parsed?: Parsed } {
  const parsed = parseTemplate(source);
  if ('problems' in parsed) return refused(parsed.problems);
  const { pieces, problems } = buildPieces(parsed, helpers);
  return problems.length > 0 ? refused(problems) : { ...compiled(pieces), parsed };
}

/**
 * What a refused source reads, as far as it can be understood: all mistakes of a text are told at once. What stands in a refused insert is not
 * looked at, since it may be meant otherwise.
 */
export function readAnyway(source: string, helpers: ReadonlySet<string>): readonly Reference[] {
  const parsed = parseTemplate(source);
  return 'problems' in parsed ? [] : referencesOf(buildPieces(parsed, helpers).pieces);
}

function isText(piece: Piece): piece is string {
  return typeof piece === 'string';
}

function newTemplate(pieces: readonly Piece[], source: string): Template {
  return {
    kind: 'template',
    source,
    references: referencesOf(pieces),
    render: (context) => {
      const { value, confidential } = renderPieces(pieces, source, context);
      return { text: value, confidential };
    },
  };
}

function newExpression(operand: Operand, source: string, shift: number): Expression {
  const moved = moveOperand(operand, -shift);
  return {
    kind: 'expression',
    source,
    references: operandReferences(moved),
    evaluate: (context) => evaluateCondition(moved, source, context),
  };
}

function moveOperand(operand: Operand, by: number): Operand {
  const offset = operand.offset + by;
  if (operand.kind !== 'call') return { ...operand, offset };
  return { ...operand, offset, operands: operand.operands.map((inner) => moveOperand(inner, by)) };
}

function movedBack(problem: Problem, shift: number, source: string): Problem {
  const offset = Math.min(Math.max(0, problem.offset - shift), Math.max(0, source.length - 1));
  return { ...problem, offset, length: Math.max(1, Math.min(problem.length, source.length - offset)) };
}

/** Says it as it is for a condition, which has no braces of its own. */
function asCondition(problem: Problem, source: string): Problem {
  const { hint, ...rest } = problem;
  if (source.trim() === '') return notOneValue(source);
  if (source.trim().startsWith('(')) return { ...rest, hint: 'leave the outer parentheses out: not (eq a b)' };
  if (/^\w+\(\)$/.test(source.trim()))
    return { ...rest, hint: 'how parents must end is said by "when:" in depends_on' };
  if (/^"~?\}|never closed/.test(problem.message)) return { ...rest, message: 'this condition ends too early' };
  return hint === undefined || hint.includes('\\{{') ? rest : problem;
}

function notOneValue(source: string): Problem {
  const hint = 'write one helper expression, such as eq trigger.branch "main" or and (ne a "") (not b)';
  return problemAt({ offset: 0, length: source.length }, 'bad-template', 'a condition is exactly one value', hint);
}
