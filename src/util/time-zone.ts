/** True for a zone of the IANA database that this Node knows; offsets such as `+05:30` are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A change of a zone's clocks: the wall-clock minutes of the day that are skipped (`gap`) or come twice (`repeat`). */
export interface ClockChange {
  readonly kind: 'gap' | 'repeat';
  /** Minutes after local midnight; may be past 1440 when the change is around midnight. `to` is excluded. */
  readonly from: number;
  readonly to: number;
}

/** The clock changes of a zone in one year. @throws {RangeError} for an unknown zone. */
export function clockChanges(zone: string, year: number): readonly ClockChange[] {
  const offsetAt = offsetReader(zone);
  const changes: ClockChange[] = [];
  const end = Date.UTC(year + 1, 0, 1);
  let before = offsetAt(Date.UTC(year, 0, 1));
  for (let week = Date.UTC(year, 0, 1); week < end; week += WEEK) {
    const after = offsetAt(week + WEEK);
    if (before !== after) changes.push(changeWithin(offsetAt, week, before, after));
    before = after;
  }
  return changes;
}

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const WEEK = 7 * DAY_MINUTES * MINUTE;

type OffsetAt = (at: number) => number;

// Minutes the zone is ahead of UTC at an instant; `longOffset` reads GMT, GMT+1 or GMT-03:30.
function offsetReader(zone: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  return (at) => {
    const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? [];
    const size = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
    return sign === '-' ? -size : size;
  };
}

function changeWithin(offsetAt: OffsetAt, start: number, before: number, after: number): ClockChange {
  let low = start;
  let high = start + WEEK;
  while (high - low > MINUTE) {
    const middle = low + Math.floor((high - low) / MINUTE / 2) * MINUTE;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  const local = high / MINUTE + Math.min(before, after);
  const from = ((local % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  return { kind: after > before ? 'gap' : 'repeat', from, to: from + Math.abs(after - before) };
}
