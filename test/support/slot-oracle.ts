import { Temporal } from '@js-temporal/polyfill';
import type { CronFields } from '../../src/util/cron.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** The clocks of a zone from `from` to `to` as Temporal tells them: each change with the offset that begins there. */
export function clocksOf(zone: string, from: number, to: number): { readonly at: number; readonly offset: number }[] {
  let now = Temporal.Instant.fromEpochMilliseconds(from - 3 * DAY).toZonedDateTimeISO(zone);
  const clocks = [{ at: -Infinity, offset: now.offsetNanoseconds / 1e6 }];
  for (;;) {
    const next = now.getTimeZoneTransition('next');
    if (next === null || next.epochMilliseconds > to + 3 * DAY) return clocks;
    clocks.push({ at: next.epochMilliseconds, offset: next.offsetNanoseconds / 1e6 });
    now = next;
  }
}

/**
 * Every slot in (from, to], found the slow way: each minute of the local calendar is asked whether it fits, then at which instants
 * clocks show it.
 */
export function slotsBySearch(fields: CronFields, zone: string, from: number, to: number): number[] {
  return slotsByClocks(fields, clocksOf(zone, from, to), from, to);
}

/** The same for clocks that are given. */
export function slotsByClocks(
  fields: CronFields,
  clocks: ReturnType<typeof clocksOf>,
  from: number,
  to: number,
): number[] {
  const slots = new Set<number>();
  for (let local = from - 2 * DAY; local <= to + 2 * DAY; local += MINUTE) {
    if (!fits(fields, local)) continue;
    const shown = instantsShowing(clocks, local);
    if (fields.everyHour) for (const at of shown) slots.add(at);
    else slots.add(shown[0] ?? endOfGap(clocks, local));
  }
  return [...slots].filter((at) => at > from && at <= to).sort((a, b) => a - b);
}

function fits(fields: CronFields, local: number): boolean {
  const date = new Date(local);
  if (!fields.minutes.includes(date.getUTCMinutes()) || !fields.hours.includes(date.getUTCHours())) return false;
  if (!fields.months.includes(date.getUTCMonth() + 1)) return false;
  const day = fields.daysOfMonth.includes(date.getUTCDate());
  const weekday = fields.daysOfWeek.includes(date.getUTCDay());
  return fields.eitherDay ? day || weekday : day && weekday;
}

function instantsShowing(clocks: ReturnType<typeof clocksOf>, local: number): number[] {
  return clocks.flatMap(({ at, offset }, index) => {
    const instant = local - offset;
    return instant >= at && instant < (clocks[index + 1]?.at ?? Infinity) ? [instant] : [];
  });
}

function endOfGap(clocks: ReturnType<typeof clocksOf>, local: number): number {
  const gap = clocks.find(({ at, offset }, index) => {
    const before = clocks[index - 1]?.offset ?? offset;
    return local >= at + before && local < at + offset;
  });
  if (gap === undefined) throw new Error(`clocks neither show nor skip ${new Date(local).toISOString()}`);
  return gap.at;
}
