import type { JsonObject } from '../model/json.ts';
import type { Occasion, Trigger, TriggerState, Upcoming } from '../model/trigger.ts';
import { slotFiring } from './slot-firing.ts';
import { type Judgement, SlotWatch, settledUntil, slotKey } from './slot-watch.ts';

/**
 * Fires again and again, on a grid that begins one interval after activation: however late it is, it does not drift. Whatever came due
 * while nothing was there to start it makes one firing.
 */
export const intervalTrigger: Trigger = {
  kind: 'interval',
  initiator: 'schedule',
  arm(entry, host) {
    const grid = { every: Number(entry.spec.every_ms), start: host.state.activatedAt };
    const overlap = entry.spec.overlap as Occasion['overlap'];
    return new SlotWatch(host, {
      next: (after) => nextOn(grid, after),
      judge: async (after, now) => judgeGrid(grid, after, now, overlap),
    });
  },
  next(spec: JsonObject, state: TriggerState, from: number, count: number): readonly Upcoming[] {
    const grid = { every: Number(spec.every_ms), start: state.activatedAt };
    const first = nextOn(grid, Math.max(from, settledUntil(state)));
    return Array.from({ length: count }, (_item, index) => ({ at: first + index * grid.every, note: '' }));
  },
};

interface Grid {
  readonly every: number;
  /** ms since the epoch; itself no slot. */
  readonly start: number;
}

function nextOn({ every, start }: Grid, after: number): number {
  return start + (Math.floor((after - start) / every) + 1) * every;
}

function judgeGrid(grid: Grid, after: number, now: number, overlap: Occasion['overlap']): Judgement {
  const oldest = nextOn(grid, after);
  if (oldest > now) return { occasions: [], watermark: after };
  const newest = nextOn(grid, now) - grid.every;
  const occasion: Occasion = {
    key: slotKey(newest),
    dueAt: newest,
    verdict: { kind: 'fire', firing: slotFiring('interval', newest), withSecrets: true },
    count: Math.round((newest - oldest) / grid.every) + 1,
    overlap,
  };
  return { occasions: [occasion], watermark: newest };
}
