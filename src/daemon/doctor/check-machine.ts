import { existsSync, readFileSync } from 'node:fs';
import { type Check, error, ok, warning } from './check.ts';

/** The oldest Node the program is made for. */
const LEAST_NODE = [20, 19] as const;

/** Files the daemon may need open at once: connections, logs that are followed, the database. */
const LEAST_FILES = 4096;

/** Rules of time zones that are older than this are worth a word, in years. */
const OLD_ZONES = 2;

/** Node is new enough. */
export const nodeVersion: Check = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return isEnough
    ? ok(process.versions.node)
    : error(`Node ${process.versions.node} is too old: use ${LEAST_NODE.join('.')} or newer`);
};

/** The daemon may open as many files as it may need. */
export const openFiles: Check = () => {
  const limits = readIfThere('/proc/self/limits');
  const most = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (most === undefined) return ok('no limit is known');
  if (Number(most) >= LEAST_FILES) return ok(`at most ${most}`);
  return warning(
    `only ${most} may be open at once: raise LimitNOFILE of the service, or ulimit -n, to ${LEAST_FILES} or more`,
  );
};

/** Schedules in a time zone follow rules that are not too old. */
export const timeZones: Check = ({ now }) => {
  const version = process.versions.tz;
  if (version === undefined) return warning('this Node knows no time zones: schedules run in UTC');
  const age = new Date(now).getUTCFullYear() - Number.parseInt(version, 10);
  return age > OLD_ZONES
    ? warning(`the rules are of ${version}: a newer Node brings newer ones`)
    : ok(`rules of ${version}`);
};

/** What a task leaves running is found and ended. */
export const strayProcesses: Check = () => {
  if (existsSync('/proc/self/environ')) return ok('found by a mark in their environment, and ended with their task');
  return warning('what a task starts outside its process group is not found here: there is no /proc');
};

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
