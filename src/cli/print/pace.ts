import type { Clock } from '../../model/ports.ts';

/** Calls back once, soon; returns the way to call it off. Decides how often something gathered is written. */
export type Pace = (callback: () => void) => () => void;

/** The shortest time between two pictures of a live display, in ms. */
const FRAME_MS = 100;

/** At the end of the current round of the event loop: one write for all that came in it. */
export const everyRound: Pace = (callback) => {
  const immediate = setImmediate(callback);
  return () => clearImmediate(immediate);
};

/** At the end of the round too, but ten times a second at most. */
export function frames(clock: Clock): Pace {
  let earliest = Number.NEGATIVE_INFINITY;
  return (callback) => {
    const frame = (): void => {
      earliest = clock.monotonic() + FRAME_MS;
      callback();
    };
    const wait = earliest - clock.monotonic();
    return wait > 0 ? clock.after(wait, frame) : everyRound(frame);
  };
}
