import { constants } from 'node:os';
import type { Job } from '../../model/ports.ts';
import type { Exit } from '../../model/run.ts';
import { formatSize } from '../../util/size.ts';
import { inspectContainer } from './container.ts';
import type { EngineClient } from './engine-client.ts';

/**
 * How a container ended, from its exit code. The engine tells a signal as 128 and its number, as shells do; the two cannot be told
 * apart, and the signal is the likelier.
 */
export async function exitOf(engine: EngineClient, id: string, code: number, job: Job): Promise<Exit> {
  if (code === 0) return { kind: 'exited', code };
  const state = await inspectContainer(engine, id);
  if (state === null || BEING_REMOVED.has(state.status))
    return lostExit(`somebody removed the container ${shortId(id)}`);
  if (state.isOutOfMemory) return { kind: 'failed', reason: 'oom_killed', message: outOfMemory(job) };
  const signal = SIGNALS.get(code - 128);
  return signal === undefined ? { kind: 'exited', code } : { kind: 'signaled', signal };
}

const BEING_REMOVED: ReadonlySet<string> = new Set(['removing', 'dead']);

/** The end of a container nobody knows more about. */
export function lostExit(message: string): Exit {
  return { kind: 'failed', reason: 'lost', message };
}

/** The part of an id that people use. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

function outOfMemory({ resources: { memoryBytes } }: Job): string {
  if (memoryBytes === null) return 'ended for want of memory on the machine';
  return `ended because it needed more than its memory of ${formatSize(memoryBytes)}; see \`resources.memory\``;
}

/** Of two names for one number, the first is the usual one. */
const SIGNALS: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);
