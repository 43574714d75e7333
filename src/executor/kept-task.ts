import type { Handle } from '../model/event.ts';
import type { EndRequest } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import type { Message } from './protocol.ts';

/** Is told what happens to a task. */
export type Listener = (message: Message) => void;

/** A task that is seen to its end, whoever listens. */
export class KeptTask {
  readonly mark: string;
  readonly startedAt: number;
  handle: Handle | null;
  #listener: Listener;
  readonly #ending = new AbortController();
  readonly #hurry = new AbortController();

  constructor(mark: string, handle: Handle | null, startedAt: number, listener: Listener) {
    this.mark = mark;
    this.handle = handle;
    this.startedAt = startedAt;
    this.#listener = listener;
  }

  /** Aborts with an `EndRequest` when somebody wishes its end. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Tells `listener` from now on, and what it has missed. */
  attend(listener: Listener): void {
    this.#listener = listener;
    if (this.handle !== null) this.#listener({ type: 'started', mark: this.mark, handle: this.handle });
  }

  started(handle: Handle): void {
    this.handle = handle;
    this.#listener({ type: 'started', mark: this.mark, handle });
  }

  ended(exit: Exit): void {
    this.#listener({ type: 'ended', mark: this.mark, exit });
  }

  /** The first wish counts. */
  end(graceMs: number): void {
    const request: EndRequest = { graceMs, hurry: this.#hurry.signal };
    if (!this.#ending.signal.aborted) this.#ending.abort(request);
  }

  hurry(): void {
    this.#hurry.abort();
  }
}
