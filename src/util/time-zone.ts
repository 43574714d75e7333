/** True for a zone of the IANA database that this Node knows, written as there; abbreviations and offsets are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Minutes a zone is ahead of UTC at an instant (milliseconds since the epoch). */
export function zoneOffset(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
  return Math.round((local - Math.floor(at / 1000) * 1000) / 60_000);
}

/** A change of a zone's clocks: the wall-clock minutes of the day that are skipped (`gap`) or come twice (`repeat`). */
export interface ClockChange {
  readonly kind: 'gap' | 'repeat';
  /** Minutes after local midnight, `to` excluded. */
  readonly from: number;
  readonly to: number;
}

/** The clock changes of a zone in one year. */
export function clockChanges(zone: string, year: number): readonly ClockChange[] {
  const changes: ClockChange[] = [];
  const end = Date.UTC(year + 1, 0, 1);
  for (let day = Date.UTC(year, 0, 1); day < end; day += DAY) {
    const before = zoneOffset(zone, day);
    const after = zoneOffset(zone, day + DAY);
    if (before !== after) changes.push(changeBetween(zone, day, before, after));
  }
  return changes;
}

const DAY = 86_400_000;
const MINUTE = 60_000;

function changeBetween(zone: string, start: number, before: number, after: number): ClockChange {
  let low = start;
  let high = start + DAY;
  while (high - low > MINUTE) {
    const middle = low + Math.floor((high - low) / MINUTE / 2) * MINUTE;
    if (zoneOffset(zone, middle) === before) low = middle;
    else high = middle;
  }
  const lower = minuteOfDay(high, Math.min(before, after));
  const length = Math.abs(after - before);
  return after > before
    ? { kind: 'gap', from: lower, to: lower + length }
    : { kind: 'repeat', from: lower, to: lower + length };
}

function minuteOfDay(at: number, offset: number): number {
  return (((at / MINUTE + offset) % 1440) + 1440) % 1440;
}
