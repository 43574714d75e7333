import { setImmediate as turn } from 'node:timers/promises';
import type { JsonObject } from '../model/json.ts';
import type { Occasion, Trigger, TriggerState, Upcoming } from '../model/trigger.ts';
import { parseCron } from '../util/cron.ts';
import { cronSlots, type SlotSource } from '../util/cron-slots.ts';
import { localTimeZone } from '../util/time-zone.ts';
import { fireSlot, judgeMissed, listedSlots, MISFIRE_AFTER_MS, type MissedPolicy } from './missed-slots.ts';
import { type Judgement, SlotWatch, settledUntil } from './slot-watch.ts';

/** Fires at calendar times. */
export const cronTrigger: Trigger = {
  kind: 'cron',
  initiator: 'schedule',
  arm(entry, host) {
    const schedule = readSchedule(entry.spec);
    return new SlotWatch(host, {
      next: (after) => schedule.slots.after(after).next().value?.at ?? null,
      judge: (after, now, signal) => judgeSlots(schedule, after, now, signal),
    });
  },
  next(spec: JsonObject, state: TriggerState, from: number, count: number): readonly Upcoming[] {
    const { slots } = readSchedule(spec);
    const upcoming: Upcoming[] = [];
    for (const slot of slots.after(Math.max(from, settledUntil(state)))) {
      if (upcoming.length >= count) break;
      upcoming.push({ at: slot.at, note: slots.note(slot) });
    }
    return upcoming;
  },
};

/** Slots older than this, in ms, are not looked for: nobody was there for two years. */
export const OLDEST_MISSED_MS = 731 * 86_400_000;

// So many slots are counted before other work gets its turn; a few milliseconds.
const SLOTS_PER_TURN = 1_000;

interface Schedule {
  readonly slots: SlotSource;
  readonly missed: MissedPolicy;
  readonly overlap: Occasion['overlap'];
}

function readSchedule({ cron, timezone, missed, overlap }: JsonObject): Schedule {
  const { fields } = parseCron(String(cron));
  if (fields === undefined) throw new Error(`Internal error: the schedule "${cron}" was not checked`);
  const slots = cronSlots(fields, typeof timezone === 'string' ? timezone : localTimeZone());
  return { slots, missed: missed as MissedPolicy, overlap: overlap as Occasion['overlap'] };
}

async function judgeSlots(
  { slots, missed, overlap }: Schedule,
  after: number,
  now: number,
  signal: AbortSignal,
): Promise<Judgement> {
  const limit = listedSlots(missed);
  const oldest: number[] = [];
  const inTime: Occasion[] = [];
  let watermark = Math.max(after, now - OLDEST_MISSED_MS);
  let [count, newest] = [0, watermark];
  for (const { at } of slots.after(watermark)) {
    if (at > now || signal.aborted) break;
    watermark = at;
    if (now - at <= MISFIRE_AFTER_MS) inTime.push(fireSlot(at, 1, overlap));
    else {
      newest = at;
      count++;
      if (oldest.length < limit) oldest.push(at);
      if (count % SLOTS_PER_TURN === 0) await turn();
    }
  }
  return { occasions: [...judgeMissed(missed, { oldest, newest, count }, overlap), ...inTime], watermark };
}
