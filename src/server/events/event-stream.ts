import type { ServerResponse } from 'node:http';
import type { Clock } from '../../model/ports.ts';
import type { EventRing, Position } from './event-ring.ts';

/** How often a silent stream shows that it is alive, in ms. */
const HEARTBEAT_MS = 15_000;

/** The most one write holds, in characters. */
const WRITE_SIZE = 64 * 1024;

/**
 * One client of the stream of events. It has no buffer of its own: it stands at a place in the ring and goes on from there when
 * the connection takes more. Whoever is overtaken by the ring is told how much is missing.
 */
export class EventStream {
  readonly #ring: EventRing;
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #onMissed: (count: number) => void;
  readonly #stopListening: () => void;
  #position: Position;
  #isPumpDue = false;
  #stopHeartbeat = (): void => {};

  constructor(ring: EventRing, response: ServerResponse, clock: Clock, onMissed: (count: number) => void) {
    this.#ring = ring;
    this.#response = response;
    this.#clock = clock;
    this.#onMissed = onMissed;
    this.#position = ring.end;
    this.#stopListening = ring.onAdd(() => this.#soon());
    response.on('drain', () => this.#pump());
    response.once('close', () => this.#stop());
    this.#beat();
  }

  /** Begins behind the event with the id `since`; null begins with what comes. An id that is not known here is a gap. */
  begin(since: string | null): void {
    const position = since === null ? this.#ring.end : this.#ring.after(since);
    this.#position = position ?? this.#ring.start;
    this.#response.write(`id: ${this.#ring.idBefore(this.#position)}\nevent: ready\ndata: {}\n\n`);
    if (position === null) this.#response.write(gap(null));
    this.#pump();
  }

  /** Events that come together go out in one write. */
  #soon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#position < this.#ring.end && !this.#isFull()) this.#response.write(this.#nextMessages());
  }

  #isFull(): boolean {
    return this.#response.destroyed || this.#response.writableNeedDrain;
  }

  #nextMessages(): string {
    let text = this.#skipMissed();
    while (this.#position < this.#ring.end && text.length < WRITE_SIZE) text += this.#ring.message(this.#position++);
    return text;
  }

  #skipMissed(): string {
    const missed = this.#ring.start - this.#position;
    if (missed <= 0) return '';
    this.#position = this.#ring.start;
    this.#onMissed(missed);
    return gap(missed);
  }

  #beat(): void {
    this.#stopHeartbeat = this.#clock.after(HEARTBEAT_MS, () => {
      if (!this.#isFull()) this.#response.write(': alive\n\n');
      this.#beat();
    });
  }

  #stop(): void {
    this.#stopListening();
    this.#stopHeartbeat();
  }
}

/** Tells that events are missing here; null when nobody knows how many. */
function gap(missed: number | null): string {
  return `event: gap\ndata: ${JSON.stringify({ missed })}\n\n`;
}
