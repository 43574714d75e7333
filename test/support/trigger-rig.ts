import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { JsonObject } from '../../src/model/json.ts';
import type { Delivery, Occasion, Trigger, TriggerHost, TriggerState } from '../../src/model/trigger.ts';
import { AlarmClock } from '../../src/util/wall-clock.ts';
import { FakeClock } from './fake-clock.ts';

/** An occasion with the time of the wall clock when it was decided. */
export interface Decided extends Occasion {
  readonly at: number;
}

/** A daemon of nothing but a clock and a memory: it keeps what triggers decide and holds them to their contract. */
export class TriggerRig {
  readonly fake: FakeClock;
  readonly clock: AlarmClock;
  readonly decided: Decided[] = [];
  state: TriggerState;
  /** So many decisions still cannot be kept. */
  failures = 0;
  /** Every decision takes until this is done. */
  busy: Promise<void> = Promise.resolve();
  /** Decisions that could not be kept. */
  readonly refused: (readonly Occasion[])[] = [];
  #judge: ((delivery: Delivery) => Occasion | null) | undefined;
  #awaited: (() => void)[] = [];

  constructor(now: string | number, state: Partial<TriggerState> = {}) {
    this.fake = new FakeClock(typeof now === 'number' ? now : Date.parse(now));
    this.clock = new AlarmClock(this.fake);
    this.state = { activatedAt: this.fake.now(), watermark: null, ...state };
  }

  arm(trigger: Trigger, spec: JsonObject): { dispose(): void } {
    const host: TriggerHost = {
      clock: this.clock,
      state: this.state,
      decide: (occasions, watermark) => this.#decide(occasions, watermark),
      onDelivery: (_source, judge) => {
        this.#judge = judge;
      },
    };
    return trigger.arm({ kind: trigger.kind, identity: trigger.kind, spec }, host);
  }

  /** Begins anew, as for an entry that is seen for the first time. */
  forget(): void {
    this.decided.length = 0;
    this.state = { activatedAt: this.fake.now(), watermark: null };
  }

  /** What the armed trigger makes of a delivery. */
  deliver(event: string, payload: JsonObject): Occasion | null {
    assert.ok(this.#judge);
    return this.#judge({ source: 'github', id: 'd-1', event, payload, receivedAt: this.fake.now() });
  }

  /** Sets the wall clock to a time, as after a sleep of the machine, lets a second pass, and all that follows from it. */
  async wakeAt(time: string | number): Promise<void> {
    this.fake.jump((typeof time === 'number' ? time : Date.parse(time)) - this.fake.now());
    await this.advance(1_000);
  }

  /** Lets time pass, and all that follows from it. */
  async advance(ms: number): Promise<void> {
    this.fake.advance(ms);
    await turn();
  }

  /** Resolves with the next decision that is kept. */
  nextDecision(): Promise<void> {
    return new Promise((resolve) => this.#awaited.push(resolve));
  }

  /** What was decided so far, in short: when it was due (in UTC), what became of it, for how many slots. */
  get summary(): string[] {
    return this.decided.map(({ dueAt, verdict, count }) => {
      const due = new Date(dueAt ?? 0).toISOString().replace(':00.000Z', '');
      return `${due} ${verdict.kind === 'fire' ? 'fire' : verdict.reason}${count === 1 ? '' : ` ×${count}`}`;
    });
  }

  async #decide(occasions: readonly Occasion[], watermark: number | null): Promise<void> {
    if (this.failures > 0) {
      this.failures--;
      this.refused.push(occasions);
      throw new Error('the disk is full');
    }
    const before = this.state.watermark ?? this.state.activatedAt;
    assert.ok(watermark !== null && watermark >= before, 'the watermark never goes back');
    for (const { key, dueAt } of occasions) {
      assert.ok(!this.decided.some((other) => other.key === key), `${key} is decided once`);
      assert.ok(dueAt !== null && dueAt > before && dueAt <= watermark, `${key} is new`);
    }
    this.state = { ...this.state, watermark };
    this.decided.push(...occasions.map((occasion) => ({ ...occasion, at: this.fake.now() })));
    for (const resolve of this.#awaited.splice(0)) resolve();
    await this.busy;
  }
}
