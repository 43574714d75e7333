import type { RunDetail } from '../model/api.ts';
import { systemClock } from '../util/clock.ts';
import { Nudge } from './follow/nudge.ts';
import { watchRun } from './follow/watch-run.ts';
import { isOver } from './print/run-list.ts';
import type { Session } from './session.ts';

/** The longest a daemon is asked to wait with its answer, in seconds. */
const LONGEST_WAIT_S = 30;

/** After an answer that came early, in ms. */
const PAUSE_MS = 500;

/** Resolves with the run once it has ended, or as it is after `timeoutMs`. */
export async function waitForEnd(session: Session, id: string, timeoutMs = Infinity): Promise<RunDetail> {
  const end = systemClock.monotonic() + timeoutMs;
  for (;;) {
    const left = end - systemClock.monotonic();
    const seconds = Math.min(LONGEST_WAIT_S, Math.ceil(Math.max(0, left) / 1000));
    const run = await session.patiently((isProbe) => session.daemon.run(id, isProbe ? 0 : seconds), end);
    if (isOver(run.status) || systemClock.monotonic() >= end) return run;
    await session.pause(Math.min(PAUSE_MS, Math.max(0, end - systemClock.monotonic())));
  }
}

/** Resolves once a task of a run has ended. */
export async function waitForTask(session: Session, id: string, task: string): Promise<void> {
  for await (const run of watchRun(session, id, new Nudge())) {
    const isDone = run.tasks.some(
      ({ name, id: taskId, phase }) => (name === task || taskId === task) && phase === 'done',
    );
    if (isDone) return;
  }
}
