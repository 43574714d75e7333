import { NO_HELPERS, parsePieces } from '../compile-text.ts';
import { type Compiled, compiled, refused } from '../problem.ts';
import { refusalProblem } from './bind-script.ts';
import { foreignScript } from './refusal.ts';

/** Compiles a script whose language we do not parse: every template in it is refused, `\{{` is still `{{`. */
export function compileForeign(source: string, shell: string): Compiled<string> {
  if (!source.includes('{{')) return compiled(source);
  const { value: pieces, problems } = parsePieces(source, NO_HELPERS);
  if (!pieces) return refused(problems);
  const refusals = pieces.flatMap((piece) =>
    typeof piece === 'string' ? [] : [refusalProblem(piece, foreignScript(shell), source)],
  );
  return refusals.length > 0 ? refused(refusals) : compiled(pieces.join(''));
}
