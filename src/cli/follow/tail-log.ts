import { Refusal } from '../client/daemon-error.ts';
import type { Session } from '../session.ts';

/** Which log, and who takes it. */
export interface Tail {
  readonly run: string;
  readonly task: string;
  readonly attempt: number;
  /** Whether more may come; asked when there is no log. */
  goesOn(): boolean;
  /** How long the daemon may wait for something new before it answers, in seconds; 0 ends at the end of what there is. */
  waitSeconds(): number;
  /** The chunk is the taker's; a promise holds the log back. */
  take(chunk: Buffer): void | Promise<void>;
}

/** Between two questions that brought nothing, in ms. */
const PAUSE_MS = 200;

/** Reads the log of an attempt to its end, and as it grows; a log that there is not has no bytes. */
export async function tailLog(session: Session, tail: Tail): Promise<void> {
  const place = { offset: 0 };
  for (;;) {
    const before = place.offset;
    const seconds = tail.waitSeconds();
    // What was taken of a part that broke off has moved the place on.
    const part = await session.patiently((isProbe) => readPart(session, tail, place, isProbe ? 0 : seconds));
    if (part === null && (seconds === 0 || !tail.goesOn())) return;
    if (part !== null && place.offset >= part.size && (part.complete || seconds === 0)) return;
    if (place.offset === before) await session.pause(PAUSE_MS);
  }
}

/** Takes what there is from a place on; null when there is no log. */
async function readPart(session: Session, tail: Tail, place: { offset: number }, seconds: number) {
  const part = await openPart(session, tail, place.offset, seconds);
  if (part === null) return null;
  place.offset = part.offset;
  for await (const chunk of part.chunks) {
    await tail.take(chunk);
    place.offset += chunk.length;
  }
  return part;
}

async function openPart({ daemon }: Session, { run, task, attempt }: Tail, offset: number, seconds: number) {
  try {
    return await daemon.log(run, task, attempt, offset, seconds);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'no-log') return null;
    throw error;
  }
}
