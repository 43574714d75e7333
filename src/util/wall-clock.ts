import type { Clock } from '../model/ports.ts';
import type { WallClock } from '../model/trigger.ts';

/** The longest time the wall clock is left unwatched while something waits for it. */
const LOOK_EVERY_MS = 1_000;

/**
 * A wall clock that wakes many. While anything is armed it looks at the time at least every second, with one timer for all, so a jump
 * of the clock is noticed and no long timer is trusted; otherwise it costs nothing.
 */
export class AlarmClock implements WallClock {
  readonly #clock: Clock;
  /** In order of time; of the same time, in the order they were armed. */
  readonly #alarms: Alarm[] = [];
  #nextLook: { readonly at: number; readonly callOff: () => void } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(ms: number, callback: () => void): () => void {
    return this.#clock.after(ms, callback);
  }

  wakeAt(at: number, callback: () => void): () => void {
    const alarm = { at, callback };
    this.#alarms.splice(placeOf(this.#alarms, at), 0, alarm);
    this.#plan();
    return () => this.#callOff(alarm);
  }

  #callOff(alarm: Alarm): void {
    const place = this.#alarms.indexOf(alarm);
    if (place >= 0) this.#alarms.splice(place, 1);
    this.#plan();
  }

  // Makes sure that the next look comes in time, and that there is none without an alarm.
  #plan(): void {
    const [first] = this.#alarms;
    const wait = first === undefined ? Infinity : Math.min(LOOK_EVERY_MS, Math.max(0, first.at - this.now()));
    const at = this.monotonic() + wait;
    if (first !== undefined && this.#nextLook !== null && this.#nextLook.at <= at) return;
    this.#nextLook?.callOff();
    this.#nextLook = first === undefined ? null : { at, callOff: this.after(wait, () => this.#look()) };
  }

  // An alarm that throws does not keep the others from ringing: the rest is found at the next look.
  #look(): void {
    this.#nextLook = null;
    const due = placeOf(this.#alarms, this.now());
    try {
      for (let count = 0; count < due && this.#rings(); count++) this.#alarms.shift()?.callback();
    } finally {
      this.#plan();
    }
  }

  // Asked again before each: an earlier one may have called off the next.
  #rings(): boolean {
    const [first] = this.#alarms;
    return first !== undefined && first.at <= this.now();
  }
}

interface Alarm {
  readonly at: number;
  readonly callback: () => void;
}

/** How many alarms are due at `time` or before. */
function placeOf(alarms: readonly Alarm[], time: number): number {
  let low = 0;
  let high = alarms.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((alarms[middle]?.at ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
