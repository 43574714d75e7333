/** Why a firing started nothing. */
export const SKIP_CAUSES = [
  /** An earlier run of the workflow (or of its concurrency group) is not over. */
  'overlap',
  /** It was due while the daemon was down or the machine asleep. */
  'missed',
  /** The workflow, or the whole daemon, is paused, draining or stopping. */
  'paused',
  /** The event does not fit the trigger. */
  'filtered',
  /** The same slot or delivery was decided before. */
  'duplicate',
  /** The workflow cannot run: its file, its inputs or its secrets are not in order. */
  'invalid',
  /** As many runs wait already as may. */
  'limit',
  /** The disk is nearly full. */
  'disk-full',
] as const;

/** Why a firing started nothing. */
export type SkipCause = (typeof SKIP_CAUSES)[number];

/** One decision of a trigger, kept for 90 days: what `why` shows. */
export interface FiringRecord {
  /** A time-ordered UUID. */
  readonly id: string;
  readonly workflow: string;
  /** `TriggerEntry.identity`, or the kind itself for what no entry of the file fires (`manual`). */
  readonly trigger: string;
  readonly kind: string;
  /** Names the occasion: a slot in UTC or a delivery. With workflow and trigger it is decided once; null is never the same. */
  readonly key: string | null;
  /** When it was decided, ms since the epoch. */
  readonly at: number;
  /** When it was due by its schedule; null where nothing was scheduled. */
  readonly dueAt: number | null;
  readonly decision: 'fired' | 'skipped';
  readonly reason: SkipCause | null;
  /** One sentence for people; empty when there is nothing to add. */
  readonly message: string;
  /** The run that was made; of an `overlap` the run in the way; of a `duplicate` the run of the first. */
  readonly run: string | null;
  /** How many slots this one decision stands for; 1 but for what was coalesced. */
  readonly count: number;
  /** Who asked: `schedule`, `webhook`, `plugin`, `cli`, `api`, `rerun`, `workflow`. */
  readonly initiator: string;
}
