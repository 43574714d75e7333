import type { Occasion, TriggerHost } from '../model/trigger.ts';

/** How long to wait before a decision that could not be kept is handed over again, in ms. */
export const RETRY_MS = 5_000;

/** What a trigger that fires by time makes of its slots. All instants are ms since the epoch. */
export interface Timetable {
  /** The first slot later than `after`; null when there is none. */
  next(after: number): number | null;
  /** What becomes of the slots later than `after` up to `now`. May let other work go first when there are many. */
  judge(after: number, now: number, signal: AbortSignal): Promise<Judgement>;
}

/** What was made of some slots: what to do, oldest first, and the newest slot that is settled by it. */
export interface Judgement {
  readonly occasions: readonly Occasion[];
  readonly watermark: number;
}

/**
 * Waits for the slots of an armed trigger and hands each over once. It goes by the newest slot that was settled, which never goes
 * back: a clock that does repeats nothing, and what came due meanwhile is judged together.
 */
export class SlotWatch {
  readonly #host: TriggerHost;
  readonly #timetable: Timetable;
  readonly #end = new AbortController();
  #settled: number;
  #callOff = (): void => {};

  constructor(host: TriggerHost, timetable: Timetable) {
    this.#host = host;
    this.#timetable = timetable;
    this.#settled = settledUntil(host.state);
    this.#wait();
  }

  /** Ends the waiting. What was handed over before may still be decided. */
  dispose(): void {
    this.#end.abort();
    this.#callOff();
  }

  #wait(): void {
    const next = this.#timetable.next(this.#settled);
    if (next !== null) this.#callOff = this.#host.clock.wakeAt(next, () => void this.#judge());
  }

  async #judge(): Promise<void> {
    const { signal } = this.#end;
    const judgement = await this.#timetable.judge(this.#settled, this.#host.clock.now(), signal);
    if (!signal.aborted) await this.#handOver(judgement);
  }

  // The same occasions are offered until they are kept: what was in time stays so, however long that takes.
  async #handOver(judgement: Judgement): Promise<void> {
    const kept = await this.#host.decide(judgement.occasions, judgement.watermark).then(
      () => true,
      () => false,
    );
    if (this.#end.signal.aborted) return;
    if (kept) {
      this.#settled = judgement.watermark;
      this.#wait();
    } else this.#callOff = this.#host.clock.after(RETRY_MS, () => void this.#handOver(judgement));
  }
}

/** The instant up to which nothing is due any more, in ms since the epoch. */
export function settledUntil({ activatedAt, watermark }: TriggerHost['state']): number {
  return Math.max(activatedAt, watermark ?? activatedAt);
}

/** The key of a slot among the occasions of its trigger. */
export function slotKey(at: number): string {
  return new Date(at).toISOString();
}
