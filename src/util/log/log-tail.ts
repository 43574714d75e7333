import type { LogMark, LogSource } from './log-index.ts';

/** Most marks kept; bytes of marks beyond them count as the last mark's. */
const MOST_MARKS = 8 * 1024;

/** Keeps the last bytes that went in, and when and from where they came. Memory is taken with the first byte. */
export class LogTail {
  readonly #capacity: number;
  #ring: Buffer | null = null;
  #taken = 0;
  /** Offsets count from the first byte that ever went in. */
  #marks: LogMark[] = [];

  /** `capacity` is in bytes. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Bytes that went in and are not kept. */
  get dropped(): number {
    return Math.max(0, this.#taken - this.#capacity);
  }

  push(source: LogSource, time: number, bytes: Uint8Array): void {
    this.#mark(source, time);
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#capacity));
    this.#taken += bytes.length;
    this.#store(kept, this.#taken - kept.length);
  }

  /** What is kept, in order, the marks' offsets counted from its first byte. */
  take(): { readonly bytes: Buffer; readonly marks: readonly LogMark[] } {
    if (this.#ring === null) return { bytes: Buffer.alloc(0), marks: [] };
    this.#forgetMarks();
    const start = this.dropped;
    const cut = start % this.#capacity;
    const end = Math.min(this.#taken, this.#capacity);
    const bytes = Buffer.concat([this.#ring.subarray(cut, end), this.#ring.subarray(0, cut)]);
    const marks = this.#marks.map((mark) => ({ ...mark, offset: Math.max(0, mark.offset - start) }));
    return { bytes, marks };
  }

  #mark(source: LogSource, time: number): void {
    const last = this.#marks.at(-1);
    if (last?.source === source && last.time === time) return;
    if (this.#marks.length >= MOST_MARKS) this.#forgetMarks();
    if (this.#marks.length < MOST_MARKS) this.#marks.push({ source, time, offset: this.#taken });
  }

  /** Forgets the marks whose bytes are gone. */
  #forgetMarks(): void {
    const start = this.dropped;
    const first = this.#marks.findLastIndex((mark) => mark.offset <= start);
    if (first > 0) this.#marks = this.#marks.slice(first);
  }

  #store(bytes: Uint8Array, offset: number): void {
    if (bytes.length === 0) return;
    this.#ring ??= Buffer.allocUnsafe(this.#capacity);
    const at = offset % this.#capacity;
    const first = bytes.subarray(0, this.#capacity - at);
    this.#ring.set(first, at);
    this.#ring.set(bytes.subarray(first.length), 0);
  }
}
