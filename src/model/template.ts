import type { Json, JsonObject } from './json.ts';

/** A path a template reads, such as `version.version`, and where it stands in the template's own text. */
export interface Reference {
  readonly path: readonly string[];
  /** Offset and length in UTF-16 units within the template's source. */
  readonly offset: number;
  readonly length: number;
}

/** What a render may read. `values` maps each root (`inputs`, `env`, a task's name, …) to its data. */
export interface TemplateContext {
  readonly values: JsonObject;
  /** Whether the value at this path must be masked wherever it shows. */
  isConfidential(path: readonly string[]): boolean;
  /** What helpers of plugins have made of values; left out where they cannot be asked. */
  readonly helpers?: KnownAnswers;
}

/** What helpers of plugins have answered so far. */
export interface KnownAnswers {
  /** What the helper makes of the values, or why it makes nothing; undefined when it has not been asked. */
  answerTo(question: HelperQuestion): HelperAnswer | undefined;
}

/** What a helper of a plugin is asked. */
export interface HelperQuestion {
  readonly helper: string;
  readonly values: readonly Json[];
}

/** What a helper of a plugin said. */
export type HelperAnswer = { readonly value: Json } | { readonly problem: string };

/** A render stopped at a helper that has to be asked; once it has been, the same render gets further. */
export class UnansweredHelper extends Error {
  readonly question: HelperQuestion;
  constructor(question: HelperQuestion) {
    super(`Internal error: nobody asked the helper "${question.helper}"`);
    this.name = 'UnansweredHelper';
    this.question = question;
  }
}

/** Text made by a template. `confidential` holds when any value that went into it was. */
export interface RenderedText {
  readonly text: string;
  readonly confidential: boolean;
}

/** A compiled text with `{{ … }}` in it. */
export interface Template {
  readonly kind: 'template';
  readonly source: string;
  readonly references: readonly Reference[];
  /** @throws {TemplateError} when a value is missing, is not text, or a limit is passed. */
  render(context: TemplateContext): RenderedText;
}

/** A compiled condition (`if:`): a bare helper expression. */
export interface Expression {
  readonly kind: 'expression';
  readonly source: string;
  readonly references: readonly Reference[];
  /** The value itself, not its text. @throws {TemplateError} */
  evaluate(context: TemplateContext): { readonly value: Json; readonly confidential: boolean };
}

/**
 * A shell script whose `{{ … }}` were replaced, once and for good, by references to environment variables. The text never
 * depends on a value; the values travel in the environment under the names listed.
 */
export interface Script {
  readonly kind: 'script';
  /** As written in the file. */
  readonly source: string;
  /** What the shell gets. */
  readonly text: string;
  readonly references: readonly Reference[];
  readonly bindings: readonly { readonly variable: string; readonly value: Template }[];
}

/** A string of the file: itself, or something to render right before launch. */
export type Text = string | Template;

/** A leaf of a task's spec after compilation. */
export type SpecLeaf = string | number | boolean | null | Template | Script;

/** A task's spec after compilation: JSON whose strings may be templates or bound scripts. */
export type Spec = SpecLeaf | readonly Spec[] | { readonly [key: string]: Spec };

/** A value was missing or unfit while rendering; ends the task with `bad_template`. */
export class TemplateError extends Error {
  readonly source: string;
  readonly offset: number;
  constructor(message: string, source: string, offset: number) {
    super(message);
    this.name = 'TemplateError';
    this.source = source;
    this.offset = offset;
  }
}
