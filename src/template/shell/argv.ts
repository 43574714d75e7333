import type { Script, Template } from '../../model/template.ts';
import { compilePlainText, parsePieces } from '../compile-text.ts';
import { type Compiled, compiled, type Problem, refused } from '../problem.ts';
import type { Insert, Piece } from '../syntax.ts';
import { type Argument, commandName } from './argument.ts';
import { type BindOptions, bindScript, refusalProblem } from './bind-script.ts';
import { judgeCommand } from './judge.ts';
import type { Refusal } from './refusal.ts';
import { shellLayout } from './shell-layout.ts';

/** One item of an argument list after compilation. */
export type CompiledArgument = string | Template | Script;

/**
 * Compiles an argument list. Values are passed as they are, except in the script after `-c` of sh, dash or bash, which is bound
 * like any script, and in what another interpreter would run, which is refused.
 */
export function compileArguments(
  items: readonly string[],
  options: Pick<BindOptions, 'isPlainNumber'>,
  helpers: ReadonlySet<string>,
): Compiled<readonly CompiledArgument[]> {
  const parsed = items.map((item) =>
    item.includes('{{') ? parsePieces(item, helpers) : compiled<readonly Piece[]>([item]),
  );
  const broken = parsed.flatMap(({ problems }, item) => numbered(problems, item));
  if (broken.length > 0) return refused(broken);
  const pieces = parsed.map(({ value }) => value ?? []);
  const words = pieces.map((itemPieces) => argumentOf(itemPieces, options));
  const script = scriptPosition(words);
  const { refusals } = judgeCommand(words, { inShell: false, arrays: new Set() });
  const results = items.map((source, item): Compiled<CompiledArgument> => {
    if (item === script?.at) return bindScript(pieces[item] ?? [], source, { ...options, dialect: script.dialect });
    const refusal = refusals.get(item);
    return refusal ? refused(refusedInserts(pieces[item] ?? [], source, refusal)) : compilePlainText(source, helpers);
  });
  const problems = results.flatMap((result, item) => numbered(result.problems, item));
  const values = results.flatMap(({ value }) => (value === null ? [] : [value]));
  return problems.length > 0 ? refused(problems) : compiled(values);
}

function numbered(problems: readonly Problem[], item: number): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, item }));
}

function argumentOf(pieces: readonly Piece[], options: Pick<BindOptions, 'isPlainNumber'>): Argument {
  const values = pieces.filter((piece) => typeof piece !== 'string');
  const lead = typeof pieces[0] === 'string' ? pieces[0] : '';
  if (values.length === 0) return { text: pieces.join(''), lead: pieces.join(''), single: true, holds: 'nothing' };
  return {
    text: null,
    lead,
    single: true,
    holds: values.every((piece) => isNumber(piece, options)) ? 'numbers' : 'values',
  };
}

function isNumber(piece: Exclude<Piece, string>, options: Pick<BindOptions, 'isPlainNumber'>): boolean {
  return piece.kind === 'insert' && piece.operand.kind === 'path' && options.isPlainNumber(piece.operand.segments);
}

/** Where the script of a shell stands whose syntax we know; behind `sudo` and the like its variables might not arrive. */
function scriptPosition(words: readonly Argument[]): { readonly at: number; readonly dialect: 'bash' | 'sh' } | null {
  const name = commandName(words[0]) ?? '';
  if (!['sh', 'dash', 'bash'].includes(name)) return null;
  return { at: shellLayout(words).code, dialect: name === 'bash' ? 'bash' : 'sh' };
}

function refusedInserts(pieces: readonly Piece[], source: string, refusal: Refusal): readonly Problem[] {
  const inserts = pieces.filter((piece): piece is Insert => typeof piece === 'object' && piece.kind === 'insert');
  if (inserts.length > 0) return inserts.map((insert) => refusalProblem(insert, refusal, source));
  return [refusalProblem({ offset: 0, length: source.length }, refusal, source)];
}
