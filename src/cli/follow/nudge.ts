/** Wakes the one who waits; a call while nobody waits is remembered for the next wait. */
export class Nudge {
  #isPending = false;
  #listener: (() => void) | null = null;

  give(): void {
    const listener = this.#listener;
    this.#listener = null;
    this.#isPending = listener === null;
    listener?.();
  }

  /** Calls back at the next call, or at once for one since the last; returns the way to stop waiting. */
  onNext(listener: () => void): () => void {
    if (this.#isPending) {
      this.#isPending = false;
      listener();
      return () => {};
    }
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = null;
    };
  }
}
