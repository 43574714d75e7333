import type { Handle } from '../model/event.ts';
import type { Clock, EndRequest } from '../model/ports.ts';
import { pause } from '../util/clock.ts';
import { clear } from './ending.ts';
import { type Failure, failure } from './limits.ts';
import type { MarkSearch } from './mark-search.ts';
import { isSameProcess, readBootId } from './process-table.ts';
import { askToEnd, killGroup, killProcess } from './task-process.ts';

/** How often to look whether a task that somebody else sees out is gone, in ms. */
const LOOK_MS = 200;

/** Looks in a row that must find nothing: what is just replacing its program is missed by one. */
const SURE_LOOKS = 2;

/** A task that this executor did not start, as far as anybody knows it. */
export interface UnknownTask {
  readonly mark: string;
  readonly handle: Handle | null;
}

/**
 * The end of a task of which nobody knows how it ends: everything of it is killed, and then it is lost. Only what carries its
 * mark, or is surely the process of its handle, is killed.
 */
export async function endLost({ mark, handle }: UnknownTask, search: MarkSearch, clock: Clock): Promise<Failure> {
  const led = isAlive(handle);
  if (led) killGroup(handle.pid);
  const find = async (): Promise<readonly number[]> => {
    const marked = await search.find(mark);
    return isAlive(handle) ? [...new Set([...marked, handle.pid])] : marked;
  };
  const wasLeft = led || (await find()).length > 0;
  const left = await clear(find, killProcess, clock, SURE_LOOKS);
  return failure('lost', `${whatHappened(handle)}; ${whatIsLeft(wasLeft, left)}`);
}

/**
 * Waits while an executor that speaks another language may be seeing the task out: until it is gone, or that executor is, or
 * until somebody wishes its end. Its processes are asked to end then, and have the grace for it.
 */
export async function outlast(
  { mark }: UnknownTask,
  search: MarkSearch,
  isForeignAlive: () => Promise<boolean>,
  signal: AbortSignal,
  clock: Clock,
): Promise<void> {
  const isThere = async (): Promise<boolean> => (await search.find(mark)).length > 0;
  const isKept = async (): Promise<boolean> => (await isThere()) && (await isForeignAlive());
  while (!signal.aborted && (await isKept())) await pause(clock, LOOK_MS);
  if (!signal.aborted || !(await isKept())) return;
  const { graceMs, hurry }: EndRequest = signal.reason;
  const deadline = clock.monotonic() + graceMs;
  for (const pid of graceMs > 0 ? await search.find(mark) : []) askToEnd(pid);
  while (!hurry.aborted && clock.monotonic() < deadline && (await isThere())) await pause(clock, LOOK_MS);
}

type ProcessHandle = Extract<Handle, { kind: 'process' }>;

function isAlive(handle: Handle | null): handle is ProcessHandle {
  return handle?.kind === 'process' && isSameProcess(handle);
}

function whatHappened(handle: Handle | null): string {
  if (handle?.kind !== 'process') return 'it may have begun, but its start was not recorded and nobody saw its end';
  const { pid, bootId } = handle;
  if (bootId !== '' && bootId !== readBootId()) return `the machine was restarted while it ran as process ${pid}`;
  return `it ran as process ${pid}, and the executor that would have seen its end is gone`;
}

function whatIsLeft(wasLeft: boolean, left: readonly number[]): string {
  if (left.length > 0) return `these processes of it could not be ended: ${left.join(', ')}`;
  return wasLeft ? 'what was left of it has been killed' : 'nothing of it was left';
}
