import { statSync } from 'node:fs';
import type { LogPart } from '../model/api.ts';
import type { Clock } from '../model/ports.ts';
import { pause } from '../util/clock.ts';
import { readLogBytes } from '../util/log/log-reader.ts';

/** Most bytes of one answer. */
const PART_BYTES = 1024 * 1024;

/** How often a log that somebody waits for is looked at, in ms. */
const LOOK_MS = 100;

/** What to read of a log. */
export interface LogWish {
  readonly path: string;
  /** -1 is the end. */
  readonly offset: number;
  /** How long to wait for something at the offset, in ms. */
  readonly waitMs: number;
  /** Whether nothing will be added any more. */
  isComplete(): boolean;
}

/** Reads a part of a log that may still grow. Answers as soon as there is something at the offset, or nothing will come. */
export async function followLog({ path, offset, waitMs, isComplete }: LogWish, clock: Clock): Promise<LogPart> {
  const deadline = clock.monotonic() + waitMs;
  const from = offset < 0 ? sizeOf(path) : offset;
  for (;;) {
    // Asked before the look: what was written up to then is seen by it.
    const complete = isComplete();
    const part = readLogBytes(path, from, PART_BYTES);
    const isAtEnd = part.offset + part.bytes.length >= part.size;
    if (part.bytes.length > 0 || complete || clock.monotonic() >= deadline) {
      return { bytes: part.bytes, offset: part.offset, size: part.size, complete: complete && isAtEnd };
    }
    await pause(clock, LOOK_MS);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
