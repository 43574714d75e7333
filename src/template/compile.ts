import type { Expression, Text } from '../model/template.ts';
import { compileCondition, compilePlainText } from './compile-text.ts';
import type { Compiled } from './problem.ts';

/** Compiles a text of the file: itself when it has no `{{` (`\{{` stands for `{{`), else a Template. */
export function compileText(source: string): Compiled<Text> {
  return compilePlainText(source);
}

/** Compiles an `if:`, a bare helper expression such as `eq trigger.branch "main"`. */
export function compileExpression(source: string): Compiled<Expression> {
  return compileCondition(source);
}
