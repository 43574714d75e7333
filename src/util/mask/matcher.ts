import { Automaton } from './automaton.ts';
import { GramFilter } from './gram-filter.ts';

/** Finds a fixed set of byte strings of 4 bytes or more in a text that comes in pieces. */
export class Matcher {
  readonly #automaton: Automaton;
  readonly #filter: GramFilter;

  constructor(patterns: readonly Uint8Array[]) {
    this.#automaton = new Automaton(patterns);
    this.#filter = new GramFilter(patterns);
  }

  /**
   * Reads on from `state` (0 at the beginning) and returns the state after `bytes`. `found` gets each place where patterns
   * end, with the longest of them; offsets count from the beginning of `bytes`, so they may be negative.
   */
  scan(state: number, bytes: Uint8Array, found: (start: number, end: number) => void): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const automaton = this.#automaton;
    let node = state;
    for (let at = 0; at < bytes.length; ) {
      if (node === 0) at = this.#filter.next(view, at);
      const checked = Math.min(at + this.#filter.stride, bytes.length);
      for (; at < checked; at++) {
        node = automaton.step(node, bytes[at] ?? 0);
        const length = automaton.matched(node);
        if (length > 0) found(at + 1 - length, at + 1);
      }
    }
    return automaton.open(node);
  }

  /** How many of the last bytes may be the beginning of a pattern that is not complete yet. */
  pending(state: number): number {
    return this.#automaton.depth(state);
  }

  /** Those bytes. */
  pendingBytes(state: number): Uint8Array {
    return this.#automaton.path(state);
  }
}
