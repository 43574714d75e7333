import type { Expression, Reference, Script, Template, Text } from '../../model/template.ts';
import type { Compiled } from '../../template/problem.ts';
import type { TwiceCompiled } from '../../template/render-twice.ts';

/** How scripts are compiled. */
export interface ScriptOptions {
  readonly dialect: 'bash' | 'sh';
  /** Whether the value at a path is known to be a number or boolean. */
  isPlainNumber(path: readonly string[]): boolean;
}

/** Names of the helpers that plugins bring. */
type Helpers = ReadonlySet<string>;

/** The template compiler, as far as the loader uses it. */
export interface TemplateCompiler {
  compileText(source: string, helpers: Helpers): Compiled<Text>;
  /** What a refused text or script reads. */
  readAnyway(source: string, helpers: Helpers): readonly Reference[];
  compileExpression(source: string, helpers: Helpers): Compiled<Expression>;
  compileScript(source: string, options: ScriptOptions, helpers: Helpers): Compiled<string | Script>;
  compileArgv(
    items: readonly string[],
    options: ScriptOptions,
    helpers: Helpers,
  ): Compiled<readonly (string | Template | Script)[]>;
  compileRenderedTwice(
    source: string,
    imports: readonly (readonly [string, string])[],
    helpers: Helpers,
  ): Compiled<TwiceCompiled>;
  compileForeignScript(source: string, shell: string): Compiled<string>;
}

/** The references in anything compiled. */
export function referencesIn(value: string | Template | Script | Expression | null): readonly Reference[] {
  return typeof value === 'object' && value !== null ? value.references : [];
}
