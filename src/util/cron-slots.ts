import { calendar } from './calendar.ts';
import type { CronFields } from './cron.ts';
import { type OffsetAt, offsetReader, type Stretch, stretchesOf, stretchFinder } from './zone-offset.ts';

/** One time a schedule is due. */
export interface Slot {
  /** ms since the epoch. */
  readonly at: number;
  /** What the schedule asked for: local time as ms of a calendar in UTC. Where clocks go forward, `at` may not show it. */
  readonly local: number;
}

/** The slots of a schedule in a zone. */
export interface SlotSource {
  /** All slots later than `after` (ms since the epoch), in order, without end as a rule: take what is needed. */
  after(after: number): Generator<Slot, void, undefined>;
  /** What is odd about a slot, such as a change of the clocks; empty as a rule. */
  note(slot: Slot): string;
}

/**
 * Maps a schedule to instants. A schedule of fixed hours fires once for each local time: at its first occurrence, and where clocks skip
 * it, at the first instant after the gap. A schedule whose hours begin with `*` fires whenever clocks show a time that fits.
 * @throws {RangeError} for an unknown zone.
 */
export function cronSlots(fields: CronFields, zone: string): SlotSource {
  return slotsOfZone(fields, offsetReader(zone), stretchesOf(zone));
}

/** The same for clocks that are this far ahead of UTC. */
export function slotsByOffset(fields: CronFields, offsetAt: OffsetAt): SlotSource {
  return slotsOfZone(fields, offsetAt, stretchFinder(offsetAt));
}

function slotsOfZone(fields: CronFields, offsetAt: OffsetAt, stretchAt: (at: number) => Stretch): SlotSource {
  const nextMinute = calendar(fields);

  function* after(start: number): Generator<Slot, void, undefined> {
    let at = start - LEAD;
    // The latest time the clocks have shown so far.
    let shown = at + offsetAt(at);
    while (at < LAST_INSTANT) {
      const stretch = stretchAt(at);
      yield* slotsOf(stretch, fields.everyHour ? at + stretch.offset : shown, start);
      shown = Math.max(shown, stretch.to + stretch.offset);
      const next = nextMinute(fields.everyHour ? shown - LEAD : shown);
      if (next === null) return;
      at = Math.max(stretch.to, next - LEAD);
    }
  }

  // The slots of one stretch whose local times are at `local` or later; what clocks skipped comes at its beginning.
  function* slotsOf(stretch: Stretch, local: number, start: number): Generator<Slot, void, undefined> {
    let from = local;
    if (!fields.everyHour && local < stretch.from + stretch.offset) {
      const skipped = nextMinute(local);
      if (skipped !== null && skipped <= stretch.from + stretch.offset) {
        if (stretch.from > start) yield { at: stretch.from, local: skipped };
        from = stretch.from + stretch.offset + 1;
      }
    }
    const first = Math.max(from, stretch.from + stretch.offset, start + stretch.offset + 1);
    for (let next = nextMinute(first); next !== null; next = nextMinute(next + 1)) {
      if (next >= stretch.to + stretch.offset) return;
      yield { at: next - stretch.offset, local: next };
    }
  }

  return { after, note: (slot) => note(offsetAt, slot) };
}

const DAY = 86_400_000;
// Clocks are less than a day from UTC, and no change moves them by more than a day.
const LEAD = 3 * DAY;
const LAST_INSTANT = 8.64e15 - LEAD;

function note(offsetAt: OffsetAt, { at, local }: Slot): string {
  const offset = offsetAt(at);
  const time = new Date(local).toISOString().slice(11, 16);
  if (at + offset !== local) return `${time} does not exist that day; fires when the clocks have gone forward`;
  const before = offsetAt(at - DAY);
  const after = offsetAt(at + DAY);
  if (after < offset && offsetAt(local - after) === after) return `${time} comes twice; the first`;
  if (before > offset && offsetAt(local - before) === before) return `${time} comes twice; the second`;
  return '';
}
