/** Sums up what is wrong in many places into one message for people. */
export class Trouble {
  readonly #tell: (message: string | null) => void;
  readonly #messages = new Map<string, string>();

  /** `tell` is called with the first of the messages whenever there begins to be one, and with null when none is left. */
  constructor(tell: (message: string | null) => void) {
    this.#tell = tell;
  }

  /** What is wrong in one place; null is nothing. */
  set(place: string, message: string | null): void {
    const before = this.#messages.size;
    if (message === null) this.#messages.delete(place);
    else this.#messages.set(place, message);
    if (before === 0 && message !== null) this.#tell(message);
    if (before > 0 && this.#messages.size === 0) this.#tell(null);
  }
}
