import { memo } from './memo.ts';

/** Milliseconds a zone's clocks are ahead of UTC at an instant in ms since the epoch. */
export type OffsetAt = (at: number) => number;

/** A time in which a zone keeps its offset: from `from` until before `to`, in ms since the epoch. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** Reads the offsets of a zone of the IANA database. @throws {RangeError} for an unknown zone. */
export function offsetReader(zone: string): OffsetAt {
  return zoneNamed(zone).offsetAt;
}

/** Finds the stretch of a zone around an instant; see `stretchFinder`. @throws {RangeError} for an unknown zone. */
export function stretchesOf(zone: string): (at: number) => Stretch {
  return zoneNamed(zone).stretchAt;
}

/**
 * Finds the stretch around an instant. It may be shorter than the zone's own: days are looked at one by one, since some zones change
 * twice within a month. The last day is remembered.
 */
export function stretchFinder(offsetAt: OffsetAt): (at: number) => Stretch {
  let known: readonly Stretch[] = [];
  return (at) => {
    const holds = ({ from, to }: Stretch): boolean => from <= at && at < to;
    if (!known.some(holds)) known = stretchesOfDay(offsetAt, Math.floor(at / DAY) * DAY);
    const found = known.find(holds);
    if (found === undefined) throw new Error(`Internal error: no day has the instant ${at}`);
    return found;
  };
}

const SECOND = 1_000;
const DAY = 86_400_000;

/** Zones to be kept: a formatter takes half a millisecond to make, and many kilobytes. */
const KEPT_ZONES = 32;

const zoneNamed = memo((zone: string) => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const offsetAt: OffsetAt = (at) => parseOffset(format.format(at));
  return { offsetAt, stretchAt: stretchFinder(offsetAt) };
}, KEPT_ZONES);

// The name ends in GMT, GMT+01:00, GMT-03:30 or, in old times, GMT-00:44:30.
function parseOffset(name: string): number {
  const [, sign, hours, minutes, seconds] = /GMT([+-])(\d+):(\d+)(?::(\d+))?$/.exec(name) ?? [];
  const size = (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * SECOND;
  return sign === '-' ? -size : size;
}

function stretchesOfDay(offsetAt: OffsetAt, from: number): readonly Stretch[] {
  const to = from + DAY;
  const offset = offsetAt(from);
  const after = offsetAt(to);
  if (offset === after) return [{ from, to, offset }];
  const change = changeBetween(offsetAt, from, to);
  return [
    { from, to: change, offset },
    { from: change, to, offset: after },
  ];
}

/** The first instant, to the second, of another offset than that of `from`; `to` has one. */
export function changeBetween(offsetAt: OffsetAt, from: number, to: number): number {
  const before = offsetAt(from);
  let low = from;
  let high = to;
  while (high - low > SECOND) {
    const middle = low + Math.floor((high - low) / SECOND / 2) * SECOND;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
