/** Longest line that is passed on in one piece, in bytes (reliability G14). */
export const LONGEST_LINE = 64 * 1024;

/** What ended a line: its newline, the limit (it goes on with the next one), or the end of the stream. */
export type LineEnd = 'newline' | 'limit' | 'end';

/** Gets a line without its newline. */
export type LineSink = (line: Buffer, end: LineEnd) => void;

/**
 * Cuts a stream of bytes into lines. A line longer than the limit comes in pieces, never cut within a UTF-8 character. It
 * keeps no more than one piece, in bytes of its own.
 */
export class LineSplitter {
  readonly #limit: number;
  #carry: Buffer = Buffer.alloc(0);

  /** `limit` is in bytes, at least 4. */
  constructor(limit = LONGEST_LINE) {
    this.#limit = limit;
  }

  /** Bytes of the line that has begun. */
  get pending(): number {
    return this.#carry.length;
  }

  /** Passes on each line that `chunk` ends, and full pieces of longer ones; they are valid until `sink` returns. */
  push(chunk: Uint8Array, sink: LineSink): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      sink(this.#pieces(bytes.subarray(start, end), sink), 'newline');
      start = end + 1;
    }
    if (start < bytes.length) this.#carry = Buffer.from(this.#pieces(bytes.subarray(start), sink));
  }

  /** Passes on the line that no newline ended, if there is one. */
  flush(sink: LineSink): void {
    if (this.#carry.length > 0) sink(this.#pieces(Buffer.alloc(0), sink), 'end');
  }

  /** Joins the carry and `bytes`, passes on all full pieces and returns the rest; leaves no carry. */
  #pieces(bytes: Buffer, sink: LineSink): Buffer {
    let rest = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#carry = Buffer.alloc(0);
    while (rest.length > this.#limit) {
      const end = characterStart(rest, this.#limit);
      sink(rest.subarray(0, end), 'limit');
      rest = rest.subarray(end);
    }
    return rest;
  }
}

const NEWLINE = 0x0a;

/** Where the character at `at` begins; `at` itself in what is not UTF-8. */
function characterStart(bytes: Buffer, at: number): number {
  for (let start = at; start > at - 4; start--) {
    if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start;
  }
  return at;
}
