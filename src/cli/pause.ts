import type { Clock } from '../model/ports.ts';
import type { Nudge } from './follow/nudge.ts';

/** Lets time pass, in ms, or less when a nudge comes. Rejects with the signal's reason when that aborts. */
export function pause(clock: Clock, signal: AbortSignal, ms: number, nudge?: Nudge): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const ending: (() => void)[] = [];
    const end = (): void => {
      for (const stop of ending) stop();
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    signal.addEventListener('abort', end);
    ending.push(() => signal.removeEventListener('abort', end), clock.after(ms, end));
    if (nudge) ending.push(nudge.onNext(end));
  });
}
