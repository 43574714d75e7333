/** Lines count from 1, columns from 0. */
export interface Location {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** A node of the Handlebars syntax tree. Only what all kinds have is certain; the rest depends on `type`. */
export interface Node {
  readonly type: string;
  readonly loc: Location;
}

/** A list of statements. */
export interface Program extends Node {
  readonly body: readonly Node[];
  readonly blockParams?: readonly string[];
}

/** A mustache, a block or a sub-expression: something with a path and parameters. */
export interface Invocation extends Node {
  readonly path: Node;
  readonly params: readonly Node[];
  readonly hash?: Node;
}

/** `{{#name …}}…{{else}}…{{/name}}`. */
export interface Block extends Invocation {
  readonly program?: Program;
  readonly inverse?: Program;
}

/** `a.b`, `this.a`, `@index`. */
export interface PathExpression extends Node {
  readonly data: boolean;
  readonly depth: number;
  readonly parts: readonly string[];
  readonly original: string;
}

/** `{{ … }}`; `escaped` is false for `{{{ … }}}` and `{{& … }}`. */
export interface Mustache extends Invocation {
  readonly escaped: boolean;
}

/** A value written in the template. */
export interface LiteralNode extends Node {
  readonly value: string | number | boolean;
}

/** Plain text. */
export function isContent(node: Node): node is Node & { readonly value: string } {
  return node.type === 'ContentStatement';
}

/** `{{ … }}` */
export function isMustache(node: Node): node is Mustache {
  return node.type === 'MustacheStatement';
}

/** `{{#name …}}…{{/name}}` */
export function isBlock(node: Node): node is Block {
  return node.type === 'BlockStatement';
}

/** `(helper …)` */
export function isSubExpression(node: Node): node is Invocation {
  return node.type === 'SubExpression';
}

/** `a.b` */
export function isPath(node: Node): node is PathExpression {
  return node.type === 'PathExpression';
}

/** `"text"`, `1`, `true`, `null` */
export function isLiteral(node: Node): node is LiteralNode {
  return /^(?:String|Number|Boolean|Null)Literal$/.test(node.type);
}
