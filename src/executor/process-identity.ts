import { readlinkSync } from 'node:fs';
import { isSameProcess, processHandle, readBootId } from './process-table.ts';

/** Names this process for good: PID namespace, boot, number and start time. Empty where there is no /proc. */
export function ownProcess(): string {
  const { startTime, bootId } = processHandle(process.pid, readBootId());
  return startTime === '' ? '' : [pidNamespace(), bootId, process.pid, startTime].join(' ');
}

/** Whether a process, as `ownProcess` named it, is certainly gone. One that cannot be seen from here may be alive. */
export function isGone(process: string): boolean {
  const [namespace, bootId = '', pid = '', startTime = ''] = process.split(' ');
  if (namespace !== pidNamespace() || startTime === '') return false;
  return !isSameProcess({ kind: 'process', pid: Number(pid), startTime, bootId });
}

/** Numbers of processes mean nothing in another one. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
