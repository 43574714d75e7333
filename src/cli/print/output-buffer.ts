import type { Pace } from './pace.ts';
import type { Terminal } from './terminal.ts';

/** Something that stands below all output and must be taken away before more is written. */
export interface Footer {
  /** The text that takes it away, if it is there. */
  erase(): string;
  /** The text that puts it there again. */
  draw(): string;
}

/** Bytes gathered before they are written early. */
const CAPACITY = 128 * 1024;

/** Buffers the reader may be behind before tasks must wait: one is read while the next is filled. */
const PATIENCE = 2;

/**
 * Turns many small writes into few large ones: what comes in one turn of its pace leaves in one write. Holds little when the
 * reader is slow, provided that callers wait for `pressure`.
 */
export class OutputBuffer {
  readonly #terminal: Terminal;
  readonly #pace: Pace;
  readonly #footer: Footer | null;
  readonly #spare: Buffer[] = [];
  readonly #waiting: (() => void)[] = [];
  #buffer = Buffer.allocUnsafeSlow(CAPACITY);
  #length = 0;
  #unwritten = 0;
  #callOff: (() => void) | null = null;

  constructor(terminal: Terminal, pace: Pace, footer: Footer | null = null) {
    this.#terminal = terminal;
    this.#pace = pace;
    this.#footer = footer;
  }

  /** Adds a text, in UTF-8. */
  text(text: string): void {
    const most = text.length * 3;
    if (most > CAPACITY / 2) {
      const bytes = Buffer.from(text);
      this.bytes(bytes, 0, bytes.length);
      return;
    }
    this.#reserve(most);
    this.#length += this.#buffer.write(text, this.#length);
  }

  /** Adds the bytes of `source` from `start` up to `end`; they are copied. */
  bytes(source: Buffer, start: number, end: number): void {
    let from = start;
    while (from < end) {
      this.#reserve(Math.min(end - from, CAPACITY / 2));
      const size = Math.min(end - from, CAPACITY - this.#length);
      copy(source, from, this.#buffer, this.#length, size);
      this.#length += size;
      from += size;
    }
  }

  /** Asks for a write although nothing was added: the footer has changed. */
  touch(): void {
    this.#callOff ??= this.#pace(() => this.flush());
  }

  /** Writes all that was gathered, and the footer below it. */
  flush(): void {
    this.#callOff?.();
    this.#callOff = null;
    if (this.#footer) {
      if (this.#length === 0) this.#raw(this.#footer.erase());
      this.#raw(this.#footer.draw());
    }
    this.#write();
  }

  /** A promise while the reader is behind; it resolves when it has caught up. */
  pressure(): void | Promise<void> {
    if (this.#unwritten < PATIENCE) return;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Writes all that was gathered; resolves once the reader has it, or is gone. */
  async drain(): Promise<void> {
    this.flush();
    if (this.#unwritten > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #reserve(size: number): void {
    if (this.#length + size > CAPACITY) this.#write();
    if (this.#length > 0) return;
    this.touch();
    if (this.#footer) this.#raw(this.#footer.erase());
  }

  #raw(text: string): void {
    if (this.#length + text.length * 3 > CAPACITY) this.#write();
    this.#length += this.#buffer.write(text, this.#length);
  }

  #write(): void {
    if (this.#length === 0) return;
    const buffer = this.#buffer;
    const written = this.#terminal.write(buffer.subarray(0, this.#length));
    this.#length = 0;
    if (written === undefined) return;
    this.#unwritten++;
    this.#buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(CAPACITY);
    void written.then(() => this.#reuse(buffer));
  }

  #reuse(buffer: Buffer): void {
    if (this.#spare.length < PATIENCE) this.#spare.push(buffer);
    this.#unwritten--;
    if (this.#unwritten > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A call into the runtime costs as much as copying this many bytes by hand. */
const SHORT = 160;

function copy(source: Buffer, from: number, target: Buffer, to: number, size: number): void {
  if (size > SHORT) {
    source.copy(target, to, from, from + size);
    return;
  }
  for (let index = 0; index < size; index++) target[to + index] = source[from + index] as number;
}
