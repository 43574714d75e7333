import type { Occasion } from '../model/trigger.ts';
import { slotFiring } from './slot-firing.ts';
import { slotKey } from './slot-watch.ts';

/** What becomes of slots that were missed. */
export type MissedPolicy = 'skip' | 'latest' | 'all';

/** How late a slot may be, in ms, before it counts as missed. */
export const MISFIRE_AFTER_MS = 60_000;

/** The most slots that `missed: all` makes up for at once. */
export const MADE_UP_FOR = 24;

/** The most slots that are recorded one by one; the rest shares a record. */
export const RECORDED_SINGLY = 100;

/** Slots that were missed: the oldest of them one by one, all of them as a number. Instants are ms since the epoch. */
export interface MissedSlots {
  readonly oldest: readonly number[];
  readonly newest: number;
  /** All of them, also those that are not listed. */
  readonly count: number;
}

/** How many of the oldest missed slots a policy wants to know one by one. */
export function listedSlots(policy: MissedPolicy): number {
  if (policy === 'latest') return 0;
  return policy === 'all' ? MADE_UP_FOR : RECORDED_SINGLY;
}

/** Decides on slots that were missed, oldest first. */
export function judgeMissed(
  policy: MissedPolicy,
  missed: MissedSlots,
  overlap: Occasion['overlap'],
): readonly Occasion[] {
  const { oldest, newest } = missed;
  const rest = missed.count - oldest.length;
  const singly = oldest.map((at) => (policy === 'all' ? fireSlot(at, 1, overlap) : skipSlot(at, overlap)));
  if (rest === 0) return singly;
  if (policy === 'latest') return [fireSlot(newest, rest, overlap)];
  return [...singly, skipRest(newest, rest, policy, overlap)];
}

/** A slot that starts a run, and stands for `count`. */
export function fireSlot(at: number, count: number, overlap: Occasion['overlap']): Occasion {
  const verdict = { kind: 'fire', firing: slotFiring('cron', at), withSecrets: true } as const;
  return { key: slotKey(at), dueAt: at, verdict, count, overlap };
}

function skipSlot(at: number, overlap: Occasion['overlap']): Occasion {
  const message = 'it was due while nothing was there to start it';
  return { key: slotKey(at), dueAt: at, verdict: { kind: 'skip', reason: 'missed', message }, count: 1, overlap };
}

function skipRest(at: number, count: number, policy: MissedPolicy, overlap: Occasion['overlap']): Occasion {
  const why = policy === 'all' ? `at most ${MADE_UP_FOR} are made up for` : 'they share one record';
  const message = `${count} more slots were due while nothing was there to start them; ${why}`;
  return { key: slotKey(at), dueAt: at, verdict: { kind: 'skip', reason: 'missed', message }, count, overlap };
}
