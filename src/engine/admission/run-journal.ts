import type { RunEvent } from '../../model/event.ts';
import type { Clock } from '../../model/ports.ts';
import type { RunRecord, StateStore } from '../../model/state-store.ts';
import { pause } from '../../util/clock.ts';

/** What a journal takes from outside. */
export interface JournalPorts {
  readonly state: StateStore;
  readonly clock: Clock;
  /** Called after events of a run have become durable, with its record after them. */
  kept(record: RunRecord, events: readonly RunEvent[]): void;
  /** Says that a run cannot be written, and why; null once it can again. */
  trouble(run: string, message: string | null): void;
}

/** How long it waits before it tries again: at first, and at most, in ms. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

const NEVER = new Promise<never>(() => {});

/** The one writer of a run: its events, and the record that sums them up. */
export class RunJournal {
  readonly #ports: JournalPorts;
  readonly #made: Promise<unknown>;
  #record: RunRecord;
  /** How many events the run has. */
  #count = 0;
  #isInTrouble = false;
  #giveUp: (() => void) | null = null;

  /** `made` resolves once the run itself is durable, and rejects when it could not be written. */
  constructor(ports: JournalPorts, record: RunRecord, made: Promise<unknown>) {
    this.#ports = ports;
    this.#record = record;
    this.#made = made;
  }

  get record(): RunRecord {
    return this.#record;
  }

  /** The run has so many events: the next one follows them. */
  continueAfter(count: number): void {
    this.#count = count;
  }

  /** Resolves at the next failed write, the one under way included; from then on nothing is tried again. */
  letGo(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isInTrouble) resolve();
      this.#giveUp = resolve;
    });
  }

  /**
   * Resolves once the events are durable. When they cannot be written it tries until they can: nothing may follow from them
   * before, and nothing of the run is lost meanwhile. Rejects when the run itself could not be written.
   */
  async append(events: readonly RunEvent[]): Promise<void> {
    const { id } = this.#record.header;
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(2 * delay, LONGEST_DELAY_MS)) {
      const trouble = await this.#write(events);
      this.#isInTrouble = trouble !== null;
      if (trouble !== null) this.#giveUp?.();
      await this.#made;
      this.#ports.trouble(id, trouble);
      if (trouble === null) return this.#ports.kept(this.#record, events);
      await pause(this.#ports.clock, delay);
      if (this.#giveUp) await NEVER;
    }
  }

  async #write(events: readonly RunEvent[]): Promise<string | null> {
    const record = events.reduce(recordAfter, this.#record);
    const batch = this.#ports.state.batch().append(record.header.id, this.#count, events);
    if (record !== this.#record) batch.updateRun(record);
    try {
      await batch.commit();
    } catch (error) {
      if (!(error instanceof Error) || error.message.startsWith('Internal error')) throw error;
      return error.message;
    }
    this.#record = record;
    this.#count += events.length;
    return null;
  }
}

/** A run's record after one more event. */
function recordAfter(record: RunRecord, event: RunEvent): RunRecord {
  switch (event.type) {
    case 'run-started':
      return { ...record, status: 'running', startedAt: event.at };
    case 'run-ended':
      return { ...record, status: event.status, reason: event.reason, endedAt: event.at };
    default:
      return record;
  }
}
