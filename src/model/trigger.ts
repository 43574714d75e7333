import type { JsonObject } from './json.ts';
import type { Clock } from './ports.ts';
import type { Firing } from './run.ts';
import type { TriggerEntry } from './workflow.ts';

/** What a trigger remembers across restarts, in ms since the epoch. */
export interface TriggerState {
  /** When this entry of the file was first seen as it is. Nothing before it is ever due. */
  readonly activatedAt: number;
  /** The newest slot that was decided; null before the first. Never goes back. */
  readonly watermark: number | null;
}

/** What a trigger decided about one occasion. The host adds what only it knows (paused, overlap, limits) and keeps the record. */
export interface Occasion {
  /** Unique within the trigger: a slot as an ISO time in UTC, or the id of a delivery; null is never the same as another. */
  readonly key: string | null;
  /** Of schedules: when it was due, ms since the epoch. */
  readonly dueAt: number | null;
  /** Start a run with these facts, or leave it, and why. */
  readonly verdict:
    | { readonly kind: 'fire'; readonly firing: Firing; readonly withSecrets: boolean }
    | { readonly kind: 'skip'; readonly reason: 'missed' | 'filtered'; readonly message: string };
  /** How many slots it stands for. */
  readonly count: number;
  /** What to do while an earlier run of this workflow is not over. */
  readonly overlap: 'skip' | 'queue' | 'allow';
}

/** An event from outside, already proven genuine. */
export interface Delivery {
  /** `github`. */
  readonly source: string;
  readonly id: string;
  /** `push`, … */
  readonly event: string;
  readonly payload: JsonObject;
  /** ms since the epoch. */
  readonly receivedAt: number;
}

/** What an armed trigger gets from the daemon. */
export interface TriggerHost {
  readonly clock: WallClock;
  /** As it was when the trigger was armed. */
  readonly state: TriggerState;
  /**
   * Hands occasions over, oldest first, with the new watermark if there is one. Resolves once all of them are durable, whatever
   * was made of them. Rejects when they could not be kept: then nothing was decided and the trigger asks again later.
   */
  decide(occasions: readonly Occasion[], watermark: number | null): Promise<void>;
  /** Offers the deliveries of a source. `judge` answers at once; null means that the delivery is none of its business. */
  onDelivery(source: string, judge: (delivery: Delivery) => Occasion | null): void;
}

/** A clock that can also wait for a time of day. */
export interface WallClock extends Clock {
  /**
   * Calls back once when the wall clock has reached `at` (ms since the epoch); the clock may jump meanwhile, in either
   * direction. At most a second late. Returns the way to call it off.
   */
  wakeAt(at: number, callback: () => void): () => void;
}

/** One time at which a trigger will fire, with what is odd about it, such as a change of the clocks. */
export interface Upcoming {
  readonly at: number;
  readonly note: string;
}

/** What fires workflows. Ours and those of plugins are the same. */
export interface Trigger {
  readonly kind: string;
  /** Who its firings say has asked for them. */
  readonly initiator: 'schedule' | 'webhook' | 'plugin';
  /** Whoever is behind it hands an occasion over again that could not be taken: for a limit of the daemon, or since it stops. */
  readonly comesAgain?: true;
  /** Begins to watch; `Disposable` ends it. Never throws for what the entry says: the loader has checked it. */
  arm(entry: TriggerEntry, host: TriggerHost): { dispose(): void };
  /** The next `count` times after `from`, in order; empty where time has no say. Intervals need to know when they were armed. */
  next(spec: JsonObject, state: TriggerState, from: number, count: number): readonly Upcoming[];
}
