import type { Diagnostic, Severity, TextEdit } from '../model/diagnostic.ts';
import type { Range, Source } from './source.ts';

/** What a diagnostic may say besides its message. */
export interface More {
  readonly hint?: string | undefined;
  readonly related?: readonly { readonly message: string; readonly range: Range }[];
  readonly fix?: readonly TextEdit[] | undefined;
  /** False keeps the source line out, for lines that should not be repeated in logs. */
  readonly excerpt?: boolean;
}

/** Nobody reads more of them, and a file can hold a hundred thousand. */
const MOST_KEPT = 200;

/** Collects the diagnostics of one file: the first two hundred, and that there may be others. */
export class Reporter {
  readonly source: Source;
  readonly #diagnostics: Diagnostic[] = [];
  #failed = false;

  constructor(source: Source) {
    this.source = source;
  }

  /** True once an error was reported. */
  get failed(): boolean {
    return this.#failed;
  }

  /** True once all is said: the file cannot be used, and further remarks are not kept. Then it need not be looked at further. */
  get isSettled(): boolean {
    return this.#failed && this.#isFull;
  }

  get #isFull(): boolean {
    return this.#diagnostics.length >= MOST_KEPT;
  }

  error(code: string, range: Range, message: string, more: More = {}): void {
    this.#failed = true;
    this.#add('error', code, range, message, more);
  }

  warning(code: string, range: Range, message: string, more: More = {}): void {
    this.#add('warning', code, range, message, more);
  }

  info(code: string, range: Range, message: string, more: More = {}): void {
    this.#add('info', code, range, message, more);
  }

  /** Everything reported so far, in the order of the file, each remark once. */
  sorted(): readonly Diagnostic[] {
    const unique = new Map<string, Diagnostic>();
    for (const diagnostic of this.#diagnostics) {
      const { place, code, message } = diagnostic;
      const key = `${place.line}:${place.column}:${code}:${message}`;
      if (!unique.has(key)) unique.set(key, diagnostic);
    }
    const sorted = [...unique.values()].sort(
      (a, b) => a.place.line - b.place.line || a.place.column - b.place.column || (a.code < b.code ? -1 : 1),
    );
    return this.#isFull ? [...sorted, this.#others()] : sorted;
  }

  #others(): Diagnostic {
    const { length } = this.source.text;
    const place = this.source.place({ start: length, end: length + 1 });
    const message = `these are the first ${MOST_KEPT} remarks; there may be more`;
    return { code: 'more', severity: this.#failed ? 'error' : 'warning', message, place };
  }

  #add(severity: Severity, code: string, range: Range, message: string, more: More): void {
    if (this.#isFull) return;
    const place = this.source.place(range);
    this.#diagnostics.push({
      code,
      severity,
      message,
      place,
      ...(more.excerpt === false ? {} : { excerpt: this.source.line(place.line) }),
      ...(more.hint === undefined ? {} : { hint: more.hint }),
      ...(more.related === undefined ? {} : { related: this.#related(more.related) }),
      ...(more.fix === undefined ? {} : { fix: more.fix }),
    });
  }

  #related(related: NonNullable<More['related']>): NonNullable<Diagnostic['related']> {
    return related.map(({ message, range }) => ({ message, place: this.source.place(range) }));
  }
}
