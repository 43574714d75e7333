import type { CronFields } from './cron.ts';

/**
 * Finds the first minute at or after a local time that the fields admit; null when there is none within a century. Local times are
 * ms since the epoch of a calendar without clock changes (that of UTC).
 */
export type NextMinute = (local: number) => number | null;

/** The calendar of a schedule: its fields matched on local time. */
export function calendar(fields: CronFields): NextMinute {
  const minutes = fields.hours.flatMap((hour) => fields.minutes.map((minute) => hour * 60 + minute));
  return (local) => {
    const whole = Math.ceil(local / MINUTE) * MINUTE;
    const today = Math.floor(whole / DAY);
    const now = (whole - today * DAY) / MINUTE;
    const day = nextDay(fields, today);
    const minute = minutes.find((value) => day !== today || value >= now);
    if (day !== null && minute !== undefined) return day * DAY + minute * MINUTE;
    const later = nextDay(fields, today + 1);
    return later === null ? null : later * DAY + (minutes[0] ?? 0) * MINUTE;
  };
}

const MINUTE = 60_000;
const DAY = 86_400_000;
// 29 February on one weekday comes every 28 years, or after 40 around a century without it.
const CENTURY_DAYS = 36_525;

// Days are counted from the epoch. A month that does not count is passed over at once.
function nextDay(fields: CronFields, from: number): number | null {
  for (let day = from; day < from + CENTURY_DAYS; ) {
    const date = new Date(day * DAY);
    const month = date.getUTCMonth();
    if (!fields.months.includes(month + 1)) day = Date.UTC(date.getUTCFullYear(), month + 1, 1) / DAY;
    else if (fitsDay(fields, date)) return day;
    else day++;
  }
  return null;
}

function fitsDay(fields: CronFields, date: Date): boolean {
  const fitsMonth = fields.daysOfMonth.includes(date.getUTCDate());
  const fitsWeek = fields.daysOfWeek.includes(date.getUTCDay());
  return fields.eitherDay ? fitsMonth || fitsWeek : fitsMonth && fitsWeek;
}
