import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import type { Handle } from '../model/event.ts';

type ProcessHandle = Extract<Handle, { kind: 'process' }>;

/** What /proc says about a process; fields of proc_pid_stat(5). */
interface Stat {
  readonly state: string;
  readonly group: number;
  /** Clock ticks since the machine started; with the boot id and the pid it names a process for good. */
  readonly startTime: string;
}

/** Longer than any line of /proc/PID/stat. */
const STAT_BYTES = 1024;

/** How to find a process that was just started again. Its start time is empty where there is no /proc. */
export function processHandle(pid: number, bootId: string): ProcessHandle {
  return { kind: 'process', pid, startTime: readStat(pid)?.startTime ?? '', bootId };
}

/** The kernel's name for the time since the machine started; empty where there is no /proc. */
export function readBootId(): string {
  return readFile('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** Whether the process of a handle is still alive: the same one, not another that got its number. */
export function isSameProcess(handle: ProcessHandle): boolean {
  if (handle.startTime === '' || handle.bootId !== readBootId()) return false;
  const stat = readStat(handle.pid);
  return stat !== undefined && stat.startTime === handle.startTime && !isDead(stat);
}

/** Pids of living processes whose environment held `mark` (`NAME=value`, ASCII) when they started. Linux only; empty elsewhere. */
export function findMarked(mark: string): readonly number[] {
  return findAllMarked(new Set([mark])).get(mark) ?? [];
}

/** The same for many marks in one look. Dead processes have an empty environment. */
export function findAllMarked(marks: ReadonlySet<string>): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const pid of listProcesses() ?? []) {
    const environment = readFile(`/proc/${pid}/environ`)?.split('\0') ?? [];
    for (const entry of new Set(environment)) {
      if (marks.has(entry)) found.set(entry, [...(found.get(entry) ?? []), pid]);
    }
  }
  return found;
}

/** Pids of the members of a process group that can still do something; undefined where there is no /proc. */
export function findGroup(group: number): number[] | undefined {
  return listProcesses()?.filter((pid) => {
    const stat = readStat(pid);
    return stat?.group === group && !isDead(stat);
  });
}

/** Never includes this process or the machine's first. */
function listProcesses(): number[] | undefined {
  try {
    const pids = readdirSync('/proc').map(Number);
    return pids.filter((pid) => pid > 1 && pid !== process.pid);
  } catch {
    return undefined;
  }
}

function isDead(stat: Stat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

/** undefined when the process is gone. */
function readStat(pid: number): Stat | undefined {
  const text = readStart(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The program's name stands in brackets and may hold anything, brackets and spaces too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' };
}

/** One read instead of the four system calls of readFileSync: this is done once per task. */
function readStart(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const buffer = Buffer.allocUnsafe(STAT_BYTES);
    return buffer.toString('latin1', 0, readSync(descriptor, buffer));
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** As bytes in a string, so that any mark can be looked for; undefined when it is gone or not ours to read. */
function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
