import { memo } from './memo.ts';
import { changeBetween, type OffsetAt, offsetReader } from './zone-offset.ts';

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
  for (let week = Date.UTC(year, 0, 1); week < end; week += WEEK) {
    if (offsetAt(week) !== offsetAt(week + WEEK)) changes.push(changeWithin(offsetAt, week));
  }
  return changes;
}

/** The name of the zone this machine is set to, as it was when it was first asked for; `localZoneProblem` says when there is none. */
export function localTimeZone(): string {
  return localFormat(undefined).resolvedOptions().timeZone;
}

/** What is wrong with the zone this program is to live in, given the variable TZ; null when it is a name of the IANA database. */
export function localZoneProblem(variable: string | undefined): string | null {
  // Others, such as `CET-1CEST`, programs in C understand, and Node silently takes for UTC; of unknown ones it knows no name.
  const isName = variable === undefined || isTimeZone(variable.replace(/^:/, ''));
  return isName && isTimeZone(localTimeZone() ?? '') ? null : `is not a time zone: ${JSON.stringify(variable ?? '')}`;
}

const localFormat = memo((_: undefined) => new Intl.DateTimeFormat(), 1);

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const WEEK = 7 * DAY_MINUTES * MINUTE;

function changeWithin(offsetAt: OffsetAt, week: number): ClockChange {
  const before = offsetAt(week);
  const after = offsetAt(week + WEEK);
  const local = (changeBetween(offsetAt, week, week + WEEK) + Math.min(before, after)) / MINUTE;
  const from = ((local % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  return { kind: after > before ? 'gap' : 'repeat', from, to: from + Math.abs(after - before) / MINUTE };
}
