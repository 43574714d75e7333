/** What can be wrong with a template before it is rendered. Each is documented in docs/templates.md. */
export type ProblemCode = 'bad-template' | 'unknown-helper' | 'unsafe-template' | 'too-large';

/** A mistake in a template: a value with a place, never an exception. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  /** Offset and length in UTF-16 units within the string as given; the length is at least 1. */
  readonly offset: number;
  readonly length: number;
  /** What to write instead. */
  readonly hint?: string;
  /** What certainly was meant instead of the stretch. */
  readonly replacement?: string;
  /** Which item of an argument list the string is. */
  readonly item?: number;
}

/** What became of a string: its value, or null with all that is wrong with it. */
export interface Compiled<T> {
  readonly value: T | null;
  readonly problems: readonly Problem[];
}

/** A stretch of a string, in UTF-16 units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Makes a problem about a stretch of the string. */
export function problemAt(span: Span, code: ProblemCode, message: string, hint?: string): Problem {
  const place = { offset: span.offset, length: Math.max(1, span.length) };
  return hint === undefined ? { code, message, ...place } : { code, message, ...place, hint };
}

/** The outcome when a string is fine. */
export function compiled<T>(value: T): Compiled<T> {
  return { value, problems: [] };
}

/** The outcome when it is not; problems are put in the order they stand in the string. */
export function refused<T>(problems: readonly Problem[]): Compiled<T> {
  return { value: null, problems: [...problems].sort((a, b) => (a.item ?? 0) - (b.item ?? 0) || a.offset - b.offset) };
}
