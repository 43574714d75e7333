import type { Json } from '../model/json.ts';
import type { Span } from './problem.ts';

/** A value a template computes. */
export type Operand = Literal | Path | Call;

/** A value written in the template itself. */
export interface Literal extends Span {
  readonly kind: 'literal';
  readonly value: string | number | boolean | null;
}

/** A value looked up by name. `base` is where the lookup begins: the context, the item of `each`, or its `@index`, `@key`, … */
export interface Path extends Span {
  readonly kind: 'path';
  readonly base: 'context' | 'item' | 'loop';
  readonly segments: readonly string[];
}

/** A helper with its arguments. */
export interface Call extends Span {
  readonly kind: 'call';
  readonly helper: string;
  readonly operands: readonly Operand[];
}

/** A piece of a text: plain text, a value put into it, or a block. */
export type Piece = string | Insert | IfBlock | EachBlock;

/** `{{ operand }}`. `raw` is true when it was written `{{{ operand }}}` or `{{& operand }}`. */
export interface Insert extends Span {
  readonly kind: 'insert';
  readonly operand: Operand;
  readonly raw: boolean;
}

/** `{{#if condition}}…{{else}}…{{/if}}`, or `unless` when negated. */
export interface IfBlock extends Span {
  readonly kind: 'if';
  readonly condition: Operand;
  readonly negated: boolean;
  readonly body: readonly Piece[];
  readonly otherwise: readonly Piece[];
}

/** `{{#each list}}…{{else}}…{{/each}}`. */
export interface EachBlock extends Span {
  readonly kind: 'each';
  readonly list: Operand;
  readonly body: readonly Piece[];
  readonly otherwise: readonly Piece[];
}

/** What a render computes with: a value and whether anything confidential went into it. */
export interface Evaluated<T extends Json = Json> {
  readonly value: T;
  readonly confidential: boolean;
}
