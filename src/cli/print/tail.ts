const NEWLINE = 0x0a;

/** Bytes kept at least; twice as many at most. */
const KEPT = 8 * 1024;

/** Remembers the end of what passes by: a bounded number of bytes, made of whole lines. */
export class Tail {
  #buffer = Buffer.alloc(0);
  #length = 0;
  #cut = false;

  /** Takes whole lines; they are copied. */
  append(block: Buffer): void {
    const lost = block.length - KEPT;
    if (lost > 0) this.#length = 0;
    const added = lost > 0 ? block.subarray(lost) : block;
    this.#makeRoom(added.length);
    added.copy(this.#buffer, this.#length);
    this.#length += added.length;
    this.#cut ||= lost > 0;
  }

  /** The last lines, `count` at most, each with its newline. */
  lines(count: number): Buffer {
    const kept = this.#buffer.subarray(this.#cut ? this.#firstLine() : 0, this.#length);
    let start = kept.length;
    for (let left = count; left > 0 && start > 0; left--) start = lineStart(kept, start);
    return kept.subarray(start);
  }

  #makeRoom(size: number): void {
    if (this.#length + size > 2 * KEPT) {
      this.#buffer.copyWithin(0, this.#length - KEPT, this.#length);
      this.#length = KEPT;
      this.#cut = true;
    }
    if (this.#length + size <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(2 * KEPT, Math.max(256, 2 * (this.#length + size))));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  /** Where the first whole line starts; 0 when all that is left is the end of one. */
  #firstLine(): number {
    const start = this.#buffer.subarray(0, this.#length).indexOf(NEWLINE) + 1;
    return start < this.#length ? start : 0;
  }
}

/** Where the line that ends at `end` starts. */
function lineStart(bytes: Buffer, end: number): number {
  return end < 2 ? 0 : bytes.lastIndexOf(NEWLINE, end - 2) + 1;
}
