import type { Clock } from '../../src/model/ports.ts';
import { systemClock } from '../../src/util/clock.ts';

/** A clock on which only so long a time passes quickly, in seconds: fast enough for a test, slow enough for a plugin that is fine. */
export function hurried(seconds: number): Clock {
  return { ...systemClock, after: (ms, call) => systemClock.after(ms === seconds * 1_000 ? 3_000 : ms, call) };
}
