import { readdirSync, readFileSync } from 'node:fs';
import type { Handle } from '../model/event.ts';
import { readStart } from './read-start.ts';

type ProcessHandle = Extract<Handle, { kind: 'process' }>;

/** What /proc says about a process; fields of proc_pid_stat(5). */
interface Stat {
  readonly state: string;
  readonly group: number;
  /** Clock ticks since the machine started; with the boot id and the pid it names a process for good. */
  readonly startTime: string;
}

/** What one read of an environment takes; most are shorter. */
const ENVIRONMENT_BYTES = 64 * 1024;

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
  const buffer = Buffer.allocUnsafe(ENVIRONMENT_BYTES);
  for (const pid of listProcesses() ?? []) {
    for (const entry of readEnvironment(pid, buffer).split('\0')) {
      if (!marks.has(entry)) continue;
      const pids = found.get(entry);
      if (pids === undefined) found.set(entry, [pid]);
      else if (pids.at(-1) !== pid) pids.push(pid);
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

/** Empty when the process is gone or not ours to look at. */
function readEnvironment(pid: number, buffer: Buffer): string {
  const path = `/proc/${pid}/environ`;
  const start = readStart(path, buffer) ?? '';
  return start.length < buffer.length ? start : (readFile(path) ?? '');
}

/** As bytes in a string, so that any mark can be looked for; undefined when it is gone or not ours to read. */
function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
