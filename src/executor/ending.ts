import type { Clock, EndRequest } from '../model/ports.ts';
import { pause } from '../util/clock.ts';
import type { MarkSearch } from './mark-search.ts';
import { findGroup, findMarked } from './process-table.ts';
import { killProcess, type TaskProcess } from './task-process.ts';

/** How long what does not die of KILL is waited for, in ms; then it is reported as left over (G9). */
const LEFTOVER_MS = 5_000;

/**
 * A process that forks and ends while the table is read, or that is just replacing its program and so has no environment, is
 * missed by one look; hardly by two.
 */
const SURE_LOOKS = 2;

/** Time between two looks, in ms. */
const LOOK_MS = 10;

/**
 * Ends a task and everything it started: TERM to its group, the grace, KILL to the group, then KILL to whatever carries the mark,
 * until nothing is left. Returns the pids that are still there after all that; usually none.
 */
export async function endTask(
  task: TaskProcess,
  mark: string,
  request: EndRequest,
  clock: Clock,
): Promise<readonly number[]> {
  if (request.graceMs > 0 && !request.hurry.aborted) await askToEnd(task, request, clock);
  task.signalGroup('SIGKILL');
  return clear(() => remains(task, mark), killProcess, clock, SURE_LOOKS);
}

/** Ends every process that carries the mark. Returns the pids that are still there after all that; usually none. */
export function sweep(mark: string, search: MarkSearch, clock: Clock): Promise<readonly number[]> {
  return clear(() => search.find(mark), killProcess, clock, 1);
}

/**
 * Kills what `find` finds until it finds nothing, without a break as long as new ones turn up. Where something may still be
 * forking, `looks` in a row must find nothing. Returns what is left when it takes too long.
 */
export async function clear(
  find: () => readonly number[] | Promise<readonly number[]>,
  kill: (pid: number) => void,
  clock: Clock,
  looks: number,
): Promise<readonly number[]> {
  const deadline = clock.monotonic() + LEFTOVER_MS;
  const killed = new Set<number>();
  for (let clean = 0; ; ) {
    const left = await find();
    clean = left.length === 0 ? clean + 1 : 0;
    const enough = killed.size > 0 ? SURE_LOOKS : looks;
    if (clean >= enough || clock.monotonic() >= deadline) return left;
    const areNew = left.some((pid) => !killed.has(pid));
    for (const pid of left) {
      kill(pid);
      killed.add(pid);
    }
    await pause(clock, areNew ? 0 : LOOK_MS);
  }
}

/** A stopped task cannot hear TERM, so it is continued too. */
async function askToEnd(task: TaskProcess, request: EndRequest, clock: Clock): Promise<void> {
  task.signalGroup('SIGTERM');
  task.signalGroup('SIGCONT');
  const patience = new Patience(request, clock);
  await Promise.race([task.exited, patience.lost]);
  while (!patience.isLost && isGroupAlive(task)) await Promise.race([pause(clock, LOOK_MS), patience.lost]);
  patience.dispose();
}

/** Dead processes that nobody has collected yet can be signalled too, so the table has the last word where there is one. */
function isGroupAlive(task: TaskProcess): boolean {
  return task.signalGroup(0) && findGroup(task.pid)?.length !== 0;
}

function remains(task: TaskProcess, mark: string): readonly number[] {
  const pids = new Set([...(findGroup(task.pid) ?? []), ...findMarked(mark)]);
  if (!task.isOver) pids.add(task.pid);
  return [...pids];
}

/** Is lost when the grace has passed, or when somebody hurries. */
class Patience {
  readonly lost: Promise<void>;
  #isLost = false;
  #callOff = (): void => {};

  constructor(request: EndRequest, clock: Clock) {
    this.lost = new Promise((resolve) => {
      const lose = (): void => {
        this.#isLost = true;
        resolve();
      };
      const stopTimer = clock.after(request.graceMs, lose);
      request.hurry.addEventListener('abort', lose, { once: true });
      this.#callOff = () => {
        stopTimer();
        request.hurry.removeEventListener('abort', lose);
      };
    });
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  dispose(): void {
    this.#callOff();
  }
}
