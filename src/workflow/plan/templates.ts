import type { Expression, Reference, Script, Template, Text } from '../../model/template.ts';

/** What is wrong with a template; offset and length count UTF-16 units of the string as given. */
export interface TemplateProblem {
  readonly code: string;
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  readonly hint?: string;
  /** What certainly was meant instead of the stretch. */
  readonly replacement?: string;
  /** Which item of a list the string is. */
  readonly item?: number;
}

/** A compiled string, or all that is wrong with it. */
export interface Compiled<T> {
  readonly value: T | null;
  readonly problems: readonly TemplateProblem[];
}

/** How scripts are compiled. */
export interface ScriptOptions {
  readonly dialect: 'bash' | 'sh';
  /** Whether the value at a path is known to be a number or boolean. */
  isPlainNumber(path: readonly string[]): boolean;
}

/** The template compiler, as far as the loader uses it. */
export interface TemplateCompiler {
  compileText(source: string): Compiled<Text>;
  compileExpression(source: string): Compiled<Expression>;
  compileScript(source: string, options: ScriptOptions): Compiled<string | Script>;
  compileArgv(items: readonly string[], options: ScriptOptions): Compiled<readonly (string | Template | Script)[]>;
  compileForeignScript(source: string, shell: string): Compiled<string>;
}

/** The references in anything compiled. */
export function referencesIn(value: string | Template | Script | Expression | null): readonly Reference[] {
  return typeof value === 'object' && value !== null ? value.references : [];
}
