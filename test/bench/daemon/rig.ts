import { readFileSync } from 'node:fs';
import { DaemonSandbox, processesOf, type RunningDaemon } from '../../support/daemon.ts';

/** Measures in a sandbox of its own; its daemons and files are gone afterwards. */
export async function withSandbox(measure: (sandbox: DaemonSandbox) => Promise<void>): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  const sandbox = new DaemonSandbox({ after: (fn) => void cleanups.push(() => (fn as () => unknown)()) });
  try {
    await measure(sandbox);
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}

/** A task group of so many independent `/bin/true`. */
export function manyTasks(count: number): string {
  const task = (index: number) => `- { name: t${index}, type: os_exec, spec: { command: [/bin/true] } }`;
  return `taskGroup:\n${Array.from({ length: count }, (_, index) => task(index)).join('\n')}\n`;
}

/** Milliseconds from the start of a run to its end, by its own record. @throws when it fails */
export async function runDuration(daemon: RunningDaemon, workflow: string): Promise<number> {
  const run = await daemon.wait(await daemon.run(workflow));
  if (run.status !== 'success') throw new Error(JSON.stringify(run).slice(0, 1000));
  return Date.parse(run.ended_at) - Date.parse(run.started_at);
}

/** The pid of the executor of a sandbox. */
export function executorOf(sandbox: DaemonSandbox): number {
  const pid = processesOf(sandbox.folder).find((one) =>
    readFileSync(`/proc/${one}/cmdline`, 'latin1').includes('executor.cjs'),
  );
  if (pid === undefined) throw new Error('there is no executor');
  return pid;
}

/** Resident memory in MB. */
export function rssMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
}

/** User and system time in ms; a tick of the system is 10. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The most memory each process has while the work lasts, in MB. */
export async function peakMb(pids: readonly number[], work: () => Promise<void>): Promise<readonly number[]> {
  const peaks = pids.map(rssMb);
  const watch = setInterval(() => {
    for (const [index, pid] of pids.entries()) peaks[index] = Math.max(peaks[index] ?? 0, rssMb(pid));
  }, 50);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  return peaks;
}

/** Does something again and again, so many times in all, `width` at once. */
export async function inTurns(width: number, count: number, act: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: width }, lane));
}
