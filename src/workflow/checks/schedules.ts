import { type CronFields, parseCron } from '../../util/cron.ts';
import { nearest } from '../../util/nearest.ts';
import { clockChanges, isTimeZone } from '../../util/time-zone.ts';
import { rangeWithin, writtenScalar } from '../yaml/scalar-offset.ts';
import type { Path } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

/** Calendar schedules can be read, can fire, and name a real time zone. */
export function checkSchedules(file: CheckedFile): void {
  for (const [position, { cron, timezone }] of (file.data.on?.schedule ?? []).entries()) {
    const path = ['on', 'schedule', position];
    const fields = checkCron(file, [...path, 'cron'], cron);
    const zoneFits = timezone !== undefined && checkZone(file, [...path, 'timezone'], timezone);
    if (fields !== undefined && zoneFits) noteClockChanges(file, [...path, 'cron'], fields, timezone);
  }
}

function checkCron(file: CheckedFile, path: Path, cron: string): CronFields | undefined {
  const { fields, problems = [] } = parseCron(cron);
  const node = file.node(...path);
  for (const { code, message, offset, length, hint } of problems) {
    const range =
      node?.kind === 'scalar'
        ? rangeWithin(writtenScalar(node, file.reporter.source), offset, length)
        : file.at(...path);
    file.reporter.error(code, range, message, { hint });
  }
  if (fields?.eitherDay) {
    const message = 'this fires on days that fit the day of month or the day of week, either one';
    file.reporter.info('day-or-weekday', file.at(...path), message);
  }
  return fields;
}

function checkZone(file: CheckedFile, path: Path, zone: string): boolean {
  const range = file.at(...path);
  if (!isTimeZone(zone)) {
    const guess = nearest(zone, Intl.supportedValuesOf('timeZone'));
    const message = `there is no time zone "${zone}"${guess ? `; did you mean "${guess}"?` : ''}`;
    file.reporter.error('bad-time-zone', range, message, { hint: 'a name such as Europe/Berlin, or UTC' });
    return false;
  }
  if (/^[A-Z]{3,4}$/.test(zone) && !['UTC', 'GMT'].includes(zone)) {
    const message = `"${zone}" is a fixed offset or an old name; it may not follow the clock changes of its place`;
    file.reporter.warning('time-zone-alias', range, message, { hint: 'a place such as America/New_York follows them' });
  }
  return true;
}

// Rules of zones rarely change from year to year; a fixed year keeps the remark the same on every day.
const REFERENCE_YEAR = 2025;

function noteClockChanges(file: CheckedFile, path: Path, fields: CronFields, zone: string): void {
  if (fields.everyHour) return;
  for (const { kind, from, to } of clockChanges(zone, REFERENCE_YEAR)) {
    const hit = timesOfDay(fields).find((minute) => (minute >= from && minute < to) || minute + DAY_MINUTES < to);
    if (hit === undefined) continue;
    const message =
      kind === 'gap'
        ? `where the clocks of ${zone} go forward, ${clock(hit)} does not exist; it fires at ${clock(to)} that day`
        : `where the clocks of ${zone} go back, ${clock(hit)} comes twice; it fires the first time only`;
    file.reporter.info('clock-change', file.at(...path), message);
  }
}

const DAY_MINUTES = 1440;

function timesOfDay(fields: CronFields): number[] {
  return fields.hours.flatMap((hour) => fields.minutes.map((minute) => hour * 60 + minute));
}

function clock(minuteOfDay: number): string {
  const minute = minuteOfDay % DAY_MINUTES;
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
