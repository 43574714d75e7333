import type { LiveEvent } from '../model/api.ts';

/** Passes on what happens to all who listen. A listener that throws hurts nobody else. */
export class LiveHub {
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  readonly #onFault: (error: unknown) => void;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  publish(event: LiveEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }

  /** Returns the way to stop listening. */
  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
