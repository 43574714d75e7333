import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { readStart } from './read-start.ts';

/** O_CLOEXEC as the kernel shows it in `flags:` of /proc/self/fdinfo. */
const CLOSE_ON_EXEC = 0o2000000;

/** How many files may be opened while a program is being started. */
const MARGIN = 64;

/**
 * Closes the descriptors this program was started with beyond the first three, so that no task gets them. To be called once,
 * before anything is opened: what the program opens itself is closed on exec anyway.
 */
export function closeInherited(): void {
  for (const descriptor of leakyDescriptors()) closeSync(descriptor);
}

/**
 * What stands above the first three in the `stdio` of a program that must get nothing of ours, whatever a library opens in the
 * background until it has started: every number up to a good way beyond the highest in use becomes the null device there.
 */
export function nullStdio(): readonly number[] {
  const highest = Math.max(2, ...listOpen());
  const nullDevice = openSync('/dev/null', constants.O_RDWR);
  return new Array(highest - 2 + MARGIN).fill(nullDevice);
}

/**
 * What stands above the first three in a task's `stdio`, so that each open descriptor that a child would inherit becomes the null
 * device there. Looks once; empty where nothing leaks, or where there is no /proc.
 */
export function shieldedStdio(): readonly (number | 'ignore')[] {
  const leaks = leakyDescriptors();
  if (leaks.length === 0) return [];
  const nullDevice = openSync('/dev/null', constants.O_RDWR);
  const stdio: (number | 'ignore')[] = new Array(Math.max(...leaks) - 2).fill('ignore');
  for (const descriptor of leaks) stdio[descriptor - 3] = nullDevice;
  return stdio;
}

function leakyDescriptors(): number[] {
  return listOpen().filter((descriptor) => descriptor > 2 && isInherited(descriptor));
}

function listOpen(): number[] {
  try {
    return readdirSync('/proc/self/fdinfo').map(Number);
  } catch {
    return [];
  }
}

function isInherited(descriptor: number): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(readStart(`/proc/self/fdinfo/${descriptor}`) ?? '')?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
}
