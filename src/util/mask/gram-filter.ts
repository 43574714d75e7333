/** Bytes looked at together. No pattern may be shorter. */
const GRAM = 4;

/** More pieces of each pattern would make the table fuller, fewer would look at more places of the text. */
const MOST_GRAMS_PER_PATTERN = 8;

/**
 * Skips text in which no pattern can begin, by looking at four bytes in every few: each pattern registers its first few
 * groups of four bytes, so one of them stands at a place that is looked at.
 */
export class GramFilter {
  /** Distance between the places looked at. */
  readonly #stride: number;
  /** One bit for each hash of a registered group. */
  readonly #bits: Int32Array;
  readonly #shift: number;

  constructor(patterns: readonly Uint8Array[]) {
    const shortest = patterns.reduce((least, pattern) => Math.min(least, pattern.length), MOST_GRAMS_PER_PATTERN + GRAM);
    if (shortest < GRAM) throw new Error('Internal error: a pattern is too short to be filtered');
    this.#stride = Math.min(shortest - GRAM + 1, MOST_GRAMS_PER_PATTERN);
    const width = bitsFor(patterns.length * this.#stride);
    this.#bits = new Int32Array(1 << (width - 5));
    this.#shift = 32 - width;
    for (const pattern of patterns) this.#register(pattern);
  }

  /**
   * Where the next pattern that begins at or after `from` may begin at the earliest, and how far one must look from there:
   * `to` is the end of the group that was found. Without one, both are the first place that was not ruled out.
   */
  next(view: DataView, from: number): { readonly from: number; readonly to: number } {
    const last = view.byteLength - GRAM;
    const stride = this.#stride;
    let at = from + stride - 1;
    while (at <= last && !this.#has(view.getInt32(at, true))) at += stride;
    const first = at - stride + 1;
    return { from: first, to: at <= last ? at + GRAM : view.byteLength };
  }

  #has(gram: number): boolean {
    const hash = Math.imul(gram, MULTIPLIER) >>> this.#shift;
    return ((this.#bits[hash >>> 5] ?? 0) & (1 << (hash & 31))) !== 0;
  }

  #register(pattern: Uint8Array): void {
    const view = new DataView(pattern.buffer, pattern.byteOffset, pattern.byteLength);
    for (let at = 0; at < this.#stride; at++) {
      const hash = Math.imul(view.getInt32(at, true), MULTIPLIER) >>> this.#shift;
      this.#bits[hash >>> 5] = (this.#bits[hash >>> 5] ?? 0) | (1 << (hash & 31));
    }
  }
}

/** Multiplicative hashing: 2^32 divided by the golden ratio. */
const MULTIPLIER = 0x9e3779b1;

/** So many that few of them are set: 64 for each group, from 8 KiB to 512 KiB in all. */
function bitsFor(groups: number): number {
  return Math.min(Math.max(Math.ceil(Math.log2(groups * 64)), 16), 22);
}
