import type { ClockJumpView } from '../model/api.ts';
import type { Log } from '../model/log.ts';
import type { Clock } from '../model/ports.ts';
import type { AuditRecord, StateStore } from '../model/state-store.ts';
import { isoTime } from './run-view.ts';

/** How often the clocks are compared, in ms. */
const LOOK_MS = 2_000;

/** A smaller difference is a clock that is being put right gently, or a busy machine, in ms. */
const LEAST_JUMP_MS = 5_000;

/** How the audit trail calls it. */
const ACTION = 'clock.jump';

/** What watching the clock needs. */
export interface ClockWatchParts {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** Records and logs each time the wall clock does not go on as time does. Returns the way to stop. */
export function watchClock({ state, clock, log }: ClockWatchParts): () => void {
  let callOff = (): void => {};
  let ahead = aheadOf(clock);
  const look = (): void => {
    const now = clock.now();
    const before = ahead;
    ahead = aheadOf(clock);
    const jump = ahead - before;
    if (Math.abs(jump) >= LEAST_JUMP_MS) {
      const subject = `the wall clock jumped from ${isoTime(now - jump)} to ${isoTime(now)}: it was set, or the machine slept`;
      log.warn({ from: isoTime(now - jump), to: isoTime(now) }, 'the clock jumped');
      const recorded = state.batch().recordAudit({ at: now, actor: 'daemon', action: ACTION, subject, result: 'ok' });
      recorded.commit().catch((error) => log.error({ err: error }, 'a jump of the clock cannot be recorded'));
    }
    callOff = clock.after(LOOK_MS, look);
  };
  look();
  return () => callOff();
}

/** The jumps of the clock among lines of the audit trail, within a time. */
export function clockJumps(audits: readonly AuditRecord[], from: number, until: number): readonly ClockJumpView[] {
  const jumps = audits.filter(({ action, at }) => action === ACTION && at >= from && at <= until);
  return jumps.map(({ at, subject }) => ({ at: isoTime(at), message: subject }));
}

/** How far the wall clock is ahead of the monotonic one, in ms. */
function aheadOf(clock: Clock): number {
  return clock.now() - clock.monotonic();
}
