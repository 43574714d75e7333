import type { Clock } from '../model/ports.ts';

/** The longest delay a timer holds; Node fires longer ones at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic,
  after,
};

/** Not `performance.now`, which loads a dozen modules of Node's first. */
function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** A promise that resolves after `ms` of the clock's time; never rejects. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

function after(ms: number, callback: () => void): () => void {
  const due = monotonic() + ms;
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    timer = setTimeout(() => fire(), Math.min(left, LONGEST_TIMER_MS));
  };
  const fire = (): void => {
    const left = due - monotonic();
    if (left > 1) arm(left);
    else callback();
  };
  arm(ms);
  return () => clearTimeout(timer);
}
