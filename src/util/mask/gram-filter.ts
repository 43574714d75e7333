/** Bytes looked at together. No pattern may be shorter. */
const GRAM = 4;

/** More groups of each pattern would fill the table, fewer would look at more places of the text. */
const MOST_STRIDE = 8;

/**
 * Skips text in which no pattern begins by looking at four bytes in every few: each pattern registers its first few groups
 * of four bytes, so one of them stands at a place that is looked at.
 */
export class GramFilter {
  /** Distance between the places looked at. */
  readonly stride: number;
  /** One bit for each hash of a registered group. */
  readonly #bits: Int32Array;
  readonly #shift: number;

  constructor(patterns: readonly Uint8Array[]) {
    const shortest = patterns.reduce((least, pattern) => Math.min(least, pattern.length), Number.POSITIVE_INFINITY);
    if (shortest < GRAM) throw new Error('Internal error: a pattern is too short to be filtered');
    this.stride = Math.min(shortest - GRAM + 1, MOST_STRIDE);
    const width = tableWidth(patterns.length * this.stride);
    this.#bits = new Int32Array(1 << (width - 5));
    this.#shift = 32 - width;
    for (const pattern of patterns) this.#register(pattern);
  }

  /**
   * The first place at or after `from` where a pattern may begin. A search that begins there and covers `stride` places
   * without finding the beginning of a pattern may go on here.
   */
  next(text: DataView, from: number): number {
    const bits = this.#bits;
    const shift = this.#shift;
    const last = text.byteLength - GRAM;
    let at = from + this.stride - 1;
    for (; at <= last; at += this.stride) {
      const hash = Math.imul(text.getInt32(at, true), MULTIPLIER) >>> shift;
      if (((bits[hash >>> 5] ?? 0) & (1 << (hash & 31))) !== 0) break;
    }
    return at - this.stride + 1;
  }

  #register(pattern: Uint8Array): void {
    const view = new DataView(pattern.buffer, pattern.byteOffset, pattern.byteLength);
    for (let at = 0; at < this.stride; at++) {
      const hash = Math.imul(view.getInt32(at, true), MULTIPLIER) >>> this.#shift;
      this.#bits[hash >>> 5] = (this.#bits[hash >>> 5] ?? 0) | (1 << (hash & 31));
    }
  }
}

/** Multiplicative hashing: 2^32 divided by the golden ratio. */
const MULTIPLIER = 0x9e3779b1;

/** Bits of a hash: 64 places for each group, the table from 8 to 512 KiB. */
function tableWidth(groups: number): number {
  return Math.min(Math.max(Math.ceil(Math.log2(groups * 64)), 16), 22);
}
