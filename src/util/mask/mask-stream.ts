import type { Matcher } from './matcher.ts';

/** Bytes to hide, counted from the beginning of the chunk at hand; `shown` once the mask for them has been given out. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly shown: boolean;
}

const NOTHING = new Uint8Array(0);

/**
 * Masks one stream of bytes that comes in chunks. It holds back only bytes that may be the beginning of a secret; each
 * longest stretch of bytes covered by secrets becomes one mask.
 */
export class MaskStream {
  readonly #current: () => Matcher | null;
  readonly #mask: Uint8Array;
  #matcher: Matcher | null = null;
  #state = 0;
  /** In order, apart from each other. */
  #runs: Run[] = [];

  /** `current` gives the matcher to use from now on, or null while there is no secret; each must know all that former ones knew. */
  constructor(current: () => Matcher | null, mask: Uint8Array) {
    this.#current = current;
    this.#mask = mask;
  }

  /** What may be passed on after `chunk` has come; the chunk itself, or a part of it, when there is nothing to hide. */
  push(chunk: Uint8Array): Uint8Array {
    const matcher = this.#adopt();
    if (matcher === null) return chunk;
    const before = this.#state;
    this.#state = matcher.scan(before, chunk, this.#cover);
    return this.#release(matcher, before, chunk, chunk.length - matcher.pending(this.#state));
  }

  /** What was held back, at the end of the stream. The next push begins a new stream. */
  flush(): Uint8Array {
    const matcher = this.#adopt();
    if (matcher === null) return NOTHING;
    const before = this.#state;
    this.#state = 0;
    return this.#release(matcher, before, NOTHING, 0);
  }

  /** Takes over a newer matcher: what is held back is read again with it. */
  #adopt(): Matcher | null {
    const former = this.#matcher;
    const matcher = this.#current();
    if (matcher === former || matcher === null) return matcher;
    this.#matcher = matcher;
    if (former === null) return matcher;
    const held = former.pendingBytes(this.#state);
    this.#runs = this.#runs.filter((run) => run.shown);
    this.#state = matcher.scan(0, held, (start, end) => this.#cover(start - held.length, end - held.length));
    return matcher;
  }

  readonly #cover = (start: number, end: number): void => {
    let run: Run = { start, end, shown: false };
    for (let last = this.#runs.at(-1); last !== undefined && last.end > start; last = this.#runs.at(-1)) {
      run = { start: Math.min(last.start, run.start), end: Math.max(last.end, run.end), shown: last.shown };
      this.#runs.pop();
    }
    this.#runs.push(run);
  };

  /** Gives out everything before `settled`: the bytes held back in the state `before`, then those of the chunk. */
  #release(matcher: Matcher, before: number, chunk: Uint8Array, settled: number): Uint8Array {
    const held = matcher.pending(before);
    const released =
      settled === -held
        ? NOTHING
        : held === 0 && this.#runs.length === 0
          ? chunk.subarray(0, settled)
          : this.#masked(Buffer.concat([matcher.pendingBytes(before), chunk]), -held, settled);
    this.#moveOn(chunk.length, settled);
    return released;
  }

  /** `text` begins at the offset `from`. */
  #masked(text: Uint8Array, from: number, settled: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    let at = from;
    for (const { start, end, shown } of this.#runs) {
      if (start >= settled) break;
      if (!shown) pieces.push(text.subarray(at - from, start - from), this.#mask);
      at = Math.min(end, settled);
    }
    pieces.push(text.subarray(at - from, settled - from));
    return Buffer.concat(pieces);
  }

  /** Forgets what was given out and counts the rest from the end of the chunk. */
  #moveOn(length: number, settled: number): void {
    if (this.#runs.length === 0) return;
    this.#runs = this.#runs
      .filter(({ end }) => end > settled)
      .map(({ start, end, shown }) => ({
        start: Math.max(start, settled) - length,
        end: end - length,
        shown: shown || start < settled,
      }));
  }
}
