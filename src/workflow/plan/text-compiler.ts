import type { Expression, Reference, Script, Spec, Template, Text } from '../../model/template.ts';
import type { Shell } from '../../model/workflow.ts';
import type { Compiled, Problem } from '../../template/problem.ts';
import type { CheckedFile } from '../checks/check.ts';
import { FILE_START } from '../decode.ts';
import type { Range } from '../source.ts';
import { rangeWithin, type WrittenScalar, writtenScalar } from '../yaml/scalar-offset.ts';
import type { Path, ScalarNode, TreeNode } from '../yaml/tree.ts';
import type { BadReference, Scope } from './bad-reference.ts';
import { checkReference, SCOPE_WORDS } from './references.ts';
import { referencesIn, type ScriptOptions, type TemplateCompiler } from './templates.ts';

/** The shell a script is for: the one named or, when none is, what is known of the one that will read it. */
export type ScriptShell = Exclude<Shell, 'default'> | { readonly dialect: 'bash' | 'sh' | undefined };

/** Compiles the strings of a file and reports, at their places, what is wrong with templates and what they read. */
export class TextCompiler {
  readonly #file: CheckedFile;
  /** Null when no string of the file needs it. */
  readonly #templates: TemplateCompiler | null;
  readonly #defaultDialect: 'bash' | 'sh';
  readonly #judged = new WeakMap<Scope, Map<string, BadReference | undefined>>();
  #lastPlaced: WrittenScalar | undefined;
  #templateText = 0;

  constructor(file: CheckedFile, templates: TemplateCompiler | null, defaultDialect: 'bash' | 'sh') {
    this.#file = file;
    this.#templates = templates;
    this.#defaultDialect = defaultDialect;
  }

  /** The text at a path; numbers and booleans exactly as written. */
  text(path: Path, scope: Scope): Text {
    const node = this.#file.node(...path);
    return node?.kind === 'scalar' ? this.#text(node, scope) : '';
  }

  /** The condition at a path; null when it always holds. */
  condition(path: Path, scope: Scope): Expression | null {
    const node = this.#file.node(...path);
    if (node?.kind !== 'scalar' || node.value === true) return null;
    const compiled = this.#compiler().compileExpression(this.written(node), this.#file.helpers);
    this.#report(compiled.problems, node);
    this.#checkReferences(referencesIn(compiled.value), node, scope);
    return compiled.value;
  }

  /** A key of a spec whose strings are plain text. */
  deepText(node: TreeNode, scope: Scope): Spec {
    if (node.kind === 'list') return node.items.map((item) => this.deepText(item, scope));
    if (node.kind === 'map') {
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, this.deepText(value, scope)]));
    }
    return typeof node.value === 'string' ? this.#text(node, scope) : node.value;
  }

  /** A key of a spec that is a script (text) or a command (list). */
  command(node: TreeNode, shell: ScriptShell, scope: Scope): Spec {
    if (node.kind === 'scalar') return this.#script(node, shell, scope);
    return node.kind === 'list' ? this.#argv(node.items, scope) : null;
  }

  /** A key of a spec whose text is rendered twice, the second time over the imports of the task. */
  twice(node: TreeNode, scope: Extract<Scope, { kind: 'task' }>): Spec {
    if (node.kind !== 'scalar') return null;
    const source = this.written(node);
    if (!source.includes('{{') || this.#isTooMuch(source)) return source;
    const imports = (scope.task.imports ?? []).map(({ from, variable }) => [from, variable] as const);
    const { value, problems } = this.#compiler().compileRenderedTwice(source, imports, this.#file.helpers);
    this.#report(problems, node);
    this.#checkReferences(value?.first ?? [], node, scope);
    return value?.template ?? source;
  }

  /** The text of a scalar as a task gets it. */
  written(node: ScalarNode): string {
    if (typeof node.value === 'string') return node.value;
    return node.value === null ? '' : this.#file.reporter.source.text.slice(node.start, node.end);
  }

  #text(node: ScalarNode, scope: Scope): Text {
    const source = this.written(node);
    if (!source.includes('{{') || this.#isTooMuch(source)) return source;
    const compiler = this.#compiler();
    const { helpers } = this.#file;
    const compiled = compiler.compileText(source, helpers);
    if (
      helpers.size > 0 &&
      compiled.value !== null &&
      !mayAsk(scope) &&
      compiler.compileText(source, new Set()).value === null
    ) {
      const message = `helpers of plugins can be asked in tasks only, not in ${SCOPE_WORDS[scope.kind]}`;
      this.#file.reporter.error('unknown-helper', node, message);
    }
    return this.#finish(compiled, node, scope) ?? source;
  }

  #script(node: ScalarNode, shell: ScriptShell, scope: Scope): string | Script {
    const source = this.written(node);
    if (!source.includes('{{') || this.#isTooMuch(source)) return source;
    const compiler = this.#compiler();
    const compiled =
      shell === 'python' || shell === 'node'
        ? compiler.compileForeignScript(source, shell)
        : compiler.compileScript(source, this.#scriptOptions(shell), this.#file.helpers);
    return this.#finish(compiled, node, scope) ?? source;
  }

  #argv(nodes: readonly TreeNode[], scope: Scope): Spec {
    const scalars = nodes.filter((node) => node.kind === 'scalar');
    const sources = scalars.map((node) => this.written(node));
    if (!sources.some((source) => source.includes('{{')) || this.#isTooMuch(sources.join(''))) return sources;
    const options = this.#scriptOptions({ dialect: undefined });
    const { value, problems } = this.#compiler().compileArgv(sources, options, this.#file.helpers);
    for (const problem of problems) {
      const node = scalars[problem.item ?? 0];
      if (node !== undefined) this.#report([problem], node);
    }
    for (const [index, node] of scalars.entries()) this.#checkCompiled(value?.[index] ?? null, node, scope);
    return value ?? sources;
  }

  #finish<T extends string | Script | Template>(compiled: Compiled<T>, node: ScalarNode, scope: Scope): T | null {
    this.#report(compiled.problems, node);
    this.#checkCompiled(compiled.value, node, scope);
    return compiled.value;
  }

  #checkCompiled(value: string | Script | Template | null, node: ScalarNode, scope: Scope): void {
    const read = value === null ? this.#readAnyway(this.written(node)) : referencesIn(value);
    this.#checkReferences(read, node, scope);
  }

  #readAnyway(source: string): readonly Reference[] {
    return source.includes('{{') ? this.#compiler().readAnyway(source, this.#file.helpers) : [];
  }

  #report(problems: readonly Problem[], node: ScalarNode): void {
    for (const { code, message, offset, length, hint, replacement } of problems) {
      const range = this.#rangeWithin(node, offset, length);
      // Escapes and folded lines are written otherwise than they read; there the place is not exact enough.
      const asWritten = this.written(node).slice(offset, offset + length);
      const isExact = asWritten === this.#file.reporter.source.text.slice(range.start, range.end);
      const fix = replacement !== undefined && isExact ? [{ ...range, text: replacement }] : undefined;
      this.#file.reporter.error(code, range, message, { hint, fix });
    }
  }

  #checkReferences(references: readonly Reference[], node: ScalarNode, scope: Scope): void {
    const text = this.written(node);
    for (const reference of references) {
      if (this.#file.reporter.isSettled) return;
      const bad = this.#judge(reference, scope, standsAlone(text, reference));
      if (bad === undefined) continue;
      const range = this.#rangeWithin(node, reference.offset, reference.length);
      this.#file.reporter.error(bad.code, range, bad.message, { hint: bad.hint });
    }
  }

  /** Counts a text with templates in; says once when they are too much for one file. */
  #isTooMuch(source: string): boolean {
    const most = this.#file.limits.templateText;
    const wasFine = this.#templateText <= most;
    this.#templateText += source.length;
    if (this.#templateText <= most) return false;
    const message = `the file is too large: its texts and scripts with templates hold more than ${most} characters`;
    if (wasFine) this.#file.reporter.error('too-large', FILE_START, message);
    return true;
  }

  // Scripts read the same few values over and over.
  #judge(reference: Reference, scope: Scope, isText: boolean): BadReference | undefined {
    const known = this.#judged.get(scope) ?? new Map<string, BadReference | undefined>();
    this.#judged.set(scope, known);
    const key = JSON.stringify([reference.path, isText]);
    if (!known.has(key)) known.set(key, checkReference(reference, scope, this.#file, isText));
    return known.get(key);
  }

  // Mistakes of one string come one after the other.
  #rangeWithin(node: ScalarNode, offset: number, length: number): Range {
    const { reporter } = this.#file;
    if (reporter.isSettled) return node;
    if (this.#lastPlaced?.node !== node) this.#lastPlaced = writtenScalar(node, reporter.source);
    return rangeWithin(this.#lastPlaced, offset, length);
  }

  #scriptOptions(shell: ScriptShell): ScriptOptions {
    const chosen = shell === 'bash' ? 'bash' : 'sh';
    const dialect = typeof shell === 'object' ? (shell.dialect ?? this.#defaultDialect) : chosen;
    return { dialect, isPlainNumber: (path) => this.#isPlainNumber(path) };
  }

  #isPlainNumber([root, name, ...rest]: readonly string[]): boolean {
    const type = root === 'inputs' && rest.length === 0 ? this.#file.data.inputs?.[name ?? '']?.type : undefined;
    return type === 'number' || type === 'boolean';
  }

  #compiler(): TemplateCompiler {
    if (this.#templates === null) throw new Error('Internal error: the template compiler was not loaded');
    return this.#templates;
  }
}

/** Whether what stands there is rendered where there is time to ask a plugin. */
function mayAsk({ kind }: Scope): boolean {
  return kind === 'task' || kind === 'defaults';
}

// `{{ a.b }}`: nothing else within the braces, so the value itself becomes text.
function standsAlone(text: string, { offset, length }: Reference): boolean {
  return (
    /\{\{~?\s*\.?$/.test(text.slice(Math.max(0, offset - 200), offset)) &&
    /^\s*~?\}\}/.test(text.slice(offset + length))
  );
}
