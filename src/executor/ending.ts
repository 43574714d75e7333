import type { Clock, EndRequest } from '../model/ports.ts';
import { pause } from '../util/clock.ts';
import { findGroup, findMarked } from './process-table.ts';
import { killProcess, type TaskProcess } from './task-process.ts';

/** How long what does not die of KILL is waited for, in ms; then it is reported as left over (G9). */
const LEFTOVER_MS = 5_000;

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
  return clear(() => remains(task, mark), clock);
}

/** Ends every process that carries the mark. Returns the pids that are still there after all that; usually none. */
export function sweep(mark: string, clock: Clock): Promise<readonly number[]> {
  return clear(() => findMarked(mark), clock);
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

/** Kills what `find` finds until it finds nothing, without a break as long as new ones turn up. */
async function clear(find: () => readonly number[], clock: Clock): Promise<readonly number[]> {
  const deadline = clock.monotonic() + LEFTOVER_MS;
  const killed = new Set<number>();
  for (;;) {
    const left = find();
    if (left.length === 0 || clock.monotonic() >= deadline) return left;
    const areNew = left.some((pid) => !killed.has(pid));
    for (const pid of left) {
      killProcess(pid);
      killed.add(pid);
    }
    await pause(clock, areNew ? 0 : LOOK_MS);
  }
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
