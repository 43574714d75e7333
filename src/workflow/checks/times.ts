import { formatDuration, parseDuration } from '../../util/duration.ts';
import { parseSize } from '../../util/size.ts';
import type { Path } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/** Durations and sizes are within what makes sense for them. */
export function checkTimes(file: CheckedFile): void {
  checkTimeout(file, ['timeout'], file.data.timeout);
  checkWork(file, ['defaults'], file.data.defaults);
  for (const [position, { every }] of (file.data.on?.interval ?? []).entries()) {
    checkDuration(file, ['on', 'interval', position, 'every'], every, SECOND, 366 * DAY);
  }
  for (const [index, task] of file.data.taskGroup.entries()) {
    checkWork(file, ['taskGroup', index], task);
    checkDuration(file, ['taskGroup', index, 'cache', 'ttl'], task.cache?.ttl, SECOND, 3650 * DAY);
    checkLogSize(file, ['taskGroup', index, 'log', 'max_size'], task.log?.max_size);
  }
}

interface Work {
  readonly timeout?: string;
  readonly retry?: { readonly delay?: string; readonly max_delay?: string };
}

function checkWork(file: CheckedFile, path: Path, work: Work | undefined): void {
  checkTimeout(file, [...path, 'timeout'], work?.timeout);
  checkDuration(file, [...path, 'retry', 'delay'], work?.retry?.delay, 0, DAY);
  checkDuration(file, [...path, 'retry', 'max_delay'], work?.retry?.max_delay, 0, DAY);
  checkDelays(file, [...path, 'retry'], work?.retry ?? {});
}

function checkDelays(file: CheckedFile, path: Path, { delay, max_delay: most }: NonNullable<Work['retry']>): void {
  if ((parseDuration(delay ?? '') ?? 0) <= (parseDuration(most ?? '') ?? Number.POSITIVE_INFINITY)) return;
  const message = `"delay" is longer than "max_delay", so that every delay is ${most}`;
  file.reporter.warning('no-effect', file.at(...path, 'delay'), message);
}

function checkTimeout(file: CheckedFile, path: Path, text: string | undefined): void {
  checkDuration(file, path, text, 1, 7 * DAY);
}

function checkDuration(file: CheckedFile, path: Path, text: string | undefined, low: number, high: number): void {
  const ms = text === undefined ? null : parseDuration(text);
  if (ms === null || (ms >= low && ms <= high)) return;
  const bound = ms < low ? `at least ${formatDuration(low)}` : `at most ${formatDuration(high)}`;
  file.reporter.error('bad-value', file.at(...path), `"${path.at(-1)}" must be ${bound}, not ${text}`);
}

function checkLogSize(file: CheckedFile, path: Path, text: string | undefined): void {
  const bytes = text === undefined ? null : parseSize(text);
  if (bytes === null || (bytes >= 1024 && bytes <= 100 * 1024 ** 3)) return;
  file.reporter.error('bad-value', file.at(...path), `"max_size" must be from 1KiB to 100GiB, not ${text}`);
}
