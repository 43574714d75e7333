import type { Place } from '../model/diagnostic.ts';

/** A stretch of a source text: UTF-16 offsets, `end` excluded. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The text of a file and the way from offsets to lines and columns. */
export class Source {
  readonly file: string;
  readonly text: string;
  #lineStarts: readonly number[] | null = null;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** The place of a range; what lies beyond its first line is not underlined. */
  place({ start, end }: Range): Place {
    const index = this.#lineIndex(start);
    const lineStart = this.#starts()[index] ?? 0;
    const lineEnd = lineStart + this.line(index + 1).length;
    const length = Math.max(1, Math.min(end, lineEnd) - start);
    return { file: this.file, line: index + 1, column: start - lineStart + 1, length };
  }

  /** A line by its number from 1, without its line break. */
  line(number: number): string {
    const starts = this.#starts();
    const from = starts[number - 1];
    if (from === undefined) return '';
    return this.text.slice(from, starts[number] ?? this.text.length).replace(/\r?\n$/, '');
  }

  /** The range of the line an offset is in, without its line break. */
  lineRange(offset: number): Range {
    const index = this.#lineIndex(offset);
    const start = this.#starts()[index] ?? 0;
    return { start, end: start + this.line(index + 1).length };
  }

  #lineIndex(offset: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #starts(): readonly number[] {
    this.#lineStarts ??= lineStarts(this.text);
    return this.#lineStarts;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
