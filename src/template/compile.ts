import type { Expression, Script, Template, Text } from '../model/template.ts';
import { compileCondition, compilePlainText, NO_HELPERS, parsePieces } from './compile-text.ts';
import { type Compiled, compiled, refused } from './problem.ts';
import { compileTwice, type TwiceCompiled } from './render-twice.ts';
import { compileArguments } from './shell/argv.ts';
import { type BindOptions, bindScript } from './shell/bind-script.ts';
import { compileForeign } from './shell/foreign-script.ts';

export { readAnyway } from './compile-text.ts';

/* Each takes the names of the helpers that plugins bring; what those make of values is found out when a text is rendered. */

/** Compiles a text of the file: itself when it has no `{{` (`\{{` stands for `{{`), else a Template. */
export function compileText(source: string, helpers?: ReadonlySet<string>): Compiled<Text> {
  return compilePlainText(source, helpers);
}

/** Compiles an `if:`, a bare helper expression such as `eq trigger.branch "main"`; braces around it are fine. */
export function compileExpression(source: string, helpers?: ReadonlySet<string>): Compiled<Expression> {
  return compileCondition(source, helpers);
}

/** Compiles a script for sh, dash or bash: its references become environment variables, its text never depends on a value. */
export function compileScript(source: string, options: BindOptions, helpers = NO_HELPERS): Compiled<string | Script> {
  if (!source.includes('{{')) return compiled(source);
  const { value, problems } = parsePieces(source, helpers);
  return value ? bindScript(value, source, options) : refused(problems);
}

/**
 * Compiles an argument list: values are passed as they are, but the text after `-c` of sh, dash and bash is a script, and what
 * another interpreter would run may hold no value. Each problem says which `item` it is about.
 */
export function compileArgv(
  items: readonly string[],
  options: Pick<BindOptions, 'isPlainNumber'>,
  helpers = NO_HELPERS,
): Compiled<readonly (string | Template | Script)[]> {
  return compileArguments(items, options, helpers);
}

/** Compiles a script of an interpreter that is no shell (`shell: python`): it may hold no value. */
export function compileForeignScript(source: string, shell: string): Compiled<string> {
  return compileForeign(source, shell);
}

/** Compiles a text that is rendered twice, the second time over nothing but the imports given as task and variable. */
export function compileRenderedTwice(
  source: string,
  imports: readonly (readonly [string, string])[],
  helpers = NO_HELPERS,
): Compiled<TwiceCompiled> {
  return compileTwice(source, imports, helpers);
}
