import type { LiveEvent } from '../../model/api.ts';

/** One event as it is sent. */
interface Kept {
  readonly type: string;
  readonly json: string;
}

/** Where a reader stands: the number of the next event it gets. */
export type Position = number;

/**
 * The newest events, for readers who come and go at their own speed. Ids hold the start of this ring, so that an id of an earlier
 * daemon is never taken for one of ours.
 */
export class EventRing {
  readonly #epoch: string;
  readonly #size: number;
  readonly #kept: Kept[] = [];
  readonly #listeners = new Set<() => void>();
  #next = 1;

  /** `epoch` differs with every start; `size` is how many events are kept. */
  constructor(epoch: string, size: number) {
    this.#epoch = epoch;
    this.#size = size;
  }

  add(event: LiveEvent): void {
    this.#kept[this.#next % this.#size] = { type: event.type, json: JSON.stringify(event) };
    this.#next++;
    for (const listener of this.#listeners) listener();
  }

  /** The place behind the newest event. */
  get end(): Position {
    return this.#next;
  }

  /** The oldest event that is still kept. */
  get start(): Position {
    return Math.max(1, this.#next - this.#size);
  }

  /** The place behind the event with this id; null when the id is not one of ours. */
  after(id: string): Position | null {
    const [epoch, number] = id.split('.');
    const at = Number(number);
    const isOurs = epoch === this.#epoch && Number.isSafeInteger(at) && at >= 0 && at < this.#next;
    return isOurs ? at + 1 : null;
  }

  /** The id of the event before a place. */
  idBefore(position: Position): string {
    return `${this.#epoch}.${position - 1}`;
  }

  /** The event at a place as a message of an event stream. */
  message(position: Position): string {
    const kept = this.#kept[position % this.#size];
    if (position < this.start || kept === undefined) throw new Error('Internal error: an event that is not kept');
    return `id: ${this.idBefore(position + 1)}\nevent: ${kept.type}\ndata: ${kept.json}\n\n`;
  }

  /** Told after each event. Returns the way to stop. */
  onAdd(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
