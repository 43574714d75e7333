const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time for people, in the zone of this machine: `2026-03-01 09:30:05`. `at` is ISO 8601 or ms since the epoch. */
export function timeText(at: string | number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')}`;
}

/** How far a time is from now, in the one unit that fits: `5m ago`, `in 3h`, `now`. */
export function distanceText(at: string | number, now: number): string {
  const distance = new Date(at).getTime() - now;
  if (Number.isNaN(distance)) return '-';
  const size = sizeText(Math.abs(distance));
  if (size === '0s') return 'now';
  return distance < 0 ? `${size} ago` : `in ${size}`;
}

/** Both: `2026-03-01 09:30:05 (5m ago)`. */
export function momentText(at: string | number, now: number): string {
  return `${timeText(at)} (${distanceText(at, now)})`;
}

/** The name of this machine's time zone. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * The last millisecond a written time stands for: `09:30` is that minute of today, `2026-03-01` that day, and an ISO time the second
 * or minute it names; without a zone it is this machine's. Null when it is not written like a time.
 */
export function readTime(text: string, now: number): number | null {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (clock) {
    const [, hours, minutes, seconds] = clock.map(Number);
    const today = new Date(now).setHours(hours ?? 0, minutes ?? 0, clock[3] === undefined ? 0 : seconds, 0);
    return today + (clock[3] === undefined ? MINUTE : SECOND) - 1;
  }
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  return parts ? readDate(parts) : null;
}

function readDate([, day, minute, second, fraction, zone = '']: RegExpExecArray): number | null {
  // Only a whole date and time without a zone is taken as local by Date.
  const start = new Date(`${day}T${minute ?? '00:00'}${second ?? ''}${fraction ?? ''}${zone}`).getTime();
  if (Number.isNaN(start)) return null;
  if (minute === undefined) return new Date(start).setHours(23, 59, 59, 999);
  if (fraction !== undefined) return start;
  return start + (second === undefined ? MINUTE : SECOND) - 1;
}

function sizeText(ms: number): string {
  if (ms < 100 * SECOND) return `${Math.floor(ms / SECOND)}s`;
  if (ms < 100 * MINUTE) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}h`;
  return `${Math.floor(ms / DAY)}d`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
