import { LONGEST_LINE } from '../../util/line-splitter.ts';

const NEWLINE = 0x0a;
const GOES_ON = Buffer.from(' [line goes on]\n');

/**
 * Cuts a stream at its line ends: chunks go in, blocks of whole lines come out, each line with its newline. What follows the
 * last newline of a chunk waits for the next; a line too long to wait is shown in parts. Works on blocks because a call per
 * line would cost more than all the rest of a display.
 */
export class LineBlocks {
  readonly #emit: (block: Buffer) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;

  /** `emit` may keep a block only during the call. */
  constructor(emit: (block: Buffer) => void) {
    this.#emit = emit;
  }

  push(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    const start = end > 0 && this.#heldBytes > 0 ? this.#complete(chunk) : 0;
    if (start < end) this.#emit(chunk.subarray(start, end));
    if (end < chunk.length) this.#hold(chunk.subarray(end));
  }

  /** Ends a line that was never ended. */
  flush(): void {
    if (this.#heldBytes === 0) return;
    this.#held.push(Buffer.of(NEWLINE));
    this.#emit(this.#takeHeld());
  }

  /** Joins what was held with the rest of its line; returns where the next line starts. */
  #complete(chunk: Buffer): number {
    const start = chunk.indexOf(NEWLINE) + 1;
    this.#held.push(chunk.subarray(0, start));
    this.#emit(this.#takeHeld());
    return start;
  }

  #hold(rest: Buffer): void {
    this.#held.push(Buffer.from(rest));
    this.#heldBytes += rest.length;
    if (this.#heldBytes > LONGEST_LINE) this.#emitParts();
  }

  #emitParts(): void {
    let line = this.#takeHeld();
    while (line.length > LONGEST_LINE) {
      const cut = characterStart(line, LONGEST_LINE);
      this.#emit(Buffer.concat([line.subarray(0, cut), GOES_ON]));
      line = line.subarray(cut);
    }
    this.#held = [Buffer.from(line)];
    this.#heldBytes = line.length;
  }

  #takeHeld(): Buffer {
    const line = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return line;
  }
}

/** The start of the UTF-8 character that holds this byte; the byte itself when there is none. */
function characterStart(bytes: Buffer, at: number): number {
  for (let start = at; start > at - 4; start--) if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start;
  return at;
}
