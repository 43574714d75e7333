import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PROCESS_LABEL } from './drivers/docker/container-request.ts';
import { type EngineClient, EngineError } from './drivers/docker/engine-client.ts';
import { reapContainers } from './drivers/docker/reap.ts';
import { isSameProcess, processHandle, readBootId } from './executor/process-table.ts';

/** Names this process for good; empty where there is no /proc. */
export function ownProcess(): string {
  const { startTime, bootId } = processHandle(process.pid, readBootId());
  return startTime === '' ? '' : [pidNamespace(), bootId, process.pid, startTime].join(' ');
}

/**
 * Takes away the containers of each `exec` that was killed: of those whose runs lie in this folder. One whose process cannot be
 * seen from here may be alive.
 */
export async function removeLeftBehind(engine: EngineClient, runs: string): Promise<void> {
  try {
    await reapContainers(engine, PROCESS_LABEL, ({ runner = '', [PROCESS_LABEL]: process = '' }) => {
      const run = /^exec-([0-9a-f-]+)$/.exec(runner)?.[1];
      return run !== undefined && existsSync(join(runs, run)) && isGone(process);
    });
  } catch (error) {
    // What is wrong with the engine the task itself will say; the next `exec` tries again.
    if (!(error instanceof EngineError)) throw error;
  }
}

function isGone(process: string): boolean {
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
