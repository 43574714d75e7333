/** Where something stands in a file. Lines and columns count from 1, columns and lengths in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How much of the line to underline; at least 1. */
  readonly length: number;
}

/** `error` makes a file unusable, `warning` is likely a mistake, `info` is worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** A change of a text: its UTF-16 units from `start` up to `end` become `text`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A mistake (or remark) about a file: a value with a place, never an exception. */
export interface Diagnostic {
  /** A stable name, documented in docs/diagnostics.md. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly place: Place;
  /** The whole source line at `place`, when the text was read. */
  readonly excerpt?: string;
  /** What to write instead. */
  readonly hint?: string;
  /** Other places that belong to it, for example the first of two equal names. */
  readonly related?: readonly { readonly message: string; readonly place: Place }[];
  /** Repairs it without guessing: only where there is no doubt what was meant. Offsets leave out a byte order mark. */
  readonly fix?: readonly TextEdit[];
}

/** True when nothing in the list makes the file unusable. */
export function isUsable(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.every((diagnostic) => diagnostic.severity !== 'error');
}
