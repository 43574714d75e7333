import type { Clock } from '../../src/model/ports.ts';

interface Alarm {
  readonly due: number;
  readonly callback: () => void;
}

/** A clock that stands still until the test moves it. Both its times start at `start` and advance together, but for jumps. */
export class FakeClock implements Clock {
  #time: number;
  /** How far the wall clock is ahead of the monotonic one. */
  #ahead = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(start = 0) {
    this.#time = start;
  }

  now(): number {
    return this.#time + this.#ahead;
  }

  monotonic(): number {
    return this.#time;
  }

  after(ms: number, callback: () => void): () => void {
    const alarm = { due: this.#time + ms, callback };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** How many callbacks are waiting. */
  get waiting(): number {
    return this.#alarms.size;
  }

  /** Moves on by `ms`, calling back on the way in order of time; also what is asked for meanwhile. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (let next = this.#first(); next !== undefined && next.due <= end; next = this.#first()) {
      this.#alarms.delete(next);
      this.#time = Math.max(this.#time, next.due);
      next.callback();
    }
    this.#time = end;
  }

  /** Sets the wall clock forward, or back with a negative `ms`; monotonic time stands still and nothing is called. */
  jump(ms: number): void {
    this.#ahead += ms;
  }

  #first(): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) if (first === undefined || alarm.due < first.due) first = alarm;
    return first;
  }
}
