import type { Clock } from '../../src/model/ports.ts';
import { systemClock } from '../../src/util/clock.ts';

/** A clock on which times of some lengths, in seconds, do not pass until a test says so, and then at once. All others are real. */
export class HeldClock implements Clock {
  readonly now = systemClock.now;
  readonly monotonic = systemClock.monotonic;
  readonly #lengths: readonly number[];
  readonly #waiting = new Set<() => void>();
  #hasPassed = false;

  constructor(...seconds: readonly number[]) {
    this.#lengths = seconds;
  }

  /** How many wait for such a time to pass. */
  get waiting(): number {
    return this.#waiting.size;
  }

  after(ms: number, callback: () => void): () => void {
    if (!this.#lengths.includes(ms / 1_000)) return systemClock.after(ms, callback);
    if (this.#hasPassed) return systemClock.after(0, callback);
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  /** Lets such times pass, now and from now on. */
  pass(): void {
    this.#hasPassed = true;
    for (const callback of this.#waiting) callback();
    this.#waiting.clear();
  }
}
