import type { RunDetail } from '../../model/api.ts';
import { systemClock } from '../../util/clock.ts';
import { LineSplitter } from '../../util/line-splitter.ts';
import { isOver } from '../print/run-list.ts';
import type { Session } from '../session.ts';
import type { Nudge } from './nudge.ts';

/** How often to look although nothing was heard, in ms: while the daemon tells of changes, and while it does not. */
const HEARING_MS = 20_000;
const DEAF_MS = 1000;

/** The least time between two looks, in ms, and how much longer it is than a look took. */
const LEAST_GAP_MS = 100;
const GAP_PER_LOOK = 4;

/**
 * A run as it changes, up to its end: first as it is, then again after each change the daemon tells of, and after each call of
 * `nudge`. Changes that come quickly are seen together.
 */
export async function* watchRun(session: Session, id: string, nudge: Nudge): AsyncGenerator<RunDetail, void> {
  const ear: Ear = { listens: false, hears: false };
  for (;;) {
    if (!ear.listens) void listen(session, id, nudge, ear);
    const began = systemClock.monotonic();
    const run = await session.patiently(() => session.daemon.run(id));
    const looked = systemClock.monotonic();
    const next = looked + Math.max(LEAST_GAP_MS, GAP_PER_LOOK * (looked - began));
    yield run;
    if (isOver(run.status)) return;
    await session.pause(ear.hears ? HEARING_MS : DEAF_MS, nudge);
    const left = next - systemClock.monotonic();
    if (left > 0) await session.pause(left);
  }
}

/** Who waits to be told of changes. */
interface Ear {
  /** Whether it has asked to be. */
  listens: boolean;
  hears: boolean;
}

/** Gives a nudge for each event of the run. A stream that fails is no loss: the next look tells why, or is made by the clock. */
async function listen({ daemon }: Session, id: string, nudge: Nudge, ear: Ear): Promise<void> {
  ear.listens = true;
  try {
    const stream = await daemon.events();
    ear.hears = true;
    // Something may have happened before anybody listened.
    nudge.give();
    const lines = new LineSplitter();
    for await (const chunk of stream) {
      lines.push(chunk, (line) => {
        if (line.includes(id) || line.includes('gap')) nudge.give();
      });
    }
  } catch {
    // See above.
  }
  if (ear.hears) nudge.give();
  ear.listens = false;
  ear.hears = false;
}
