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
const CAPACITY = 256 * 1024;

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
  #buffer: Buffer = Buffer.allocUnsafeSlow(CAPACITY);
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
      this.bytes(Buffer.from(text));
    } else {
      this.#reserve(most);
      this.#length += this.#buffer.write(text, this.#length);
    }
  }

  /** Adds bytes; they are copied. */
  bytes(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; ) {
      this.#reserve(Math.min(bytes.length - from, CAPACITY / 2));
      const size = bytes.copy(this.#buffer, this.#length, from);
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
