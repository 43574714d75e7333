import type { Clock } from '../model/ports.ts';

/** What has happened and was not looked at yet. Some of it is `patient`: it may wait a while for company. */
export class Inbox<Item> {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #isPatient: (item: Item) => boolean;
  #items: Item[] = [];
  #wake: () => void = () => {};
  #isUrgent = false;

  /** What is patient waits at most `patienceMs`. */
  constructor(clock: Clock, patienceMs: number, isPatient: (item: Item) => boolean) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#isPatient = isPatient;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#wake();
  }

  /** From now on nothing is waited for. */
  hurry(): void {
    this.#isUrgent = true;
    this.#wake();
  }

  /** Everything that is there, in order. */
  take(): readonly Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** Resolves once there is something to look at. */
  async filled(): Promise<void> {
    while (this.#items.length === 0 && !this.#isUrgent) await this.#woken();
    if (this.#patienceMs > 0) await this.#accompanied();
  }

  async #accompanied(): Promise<void> {
    if (!this.#mayWait()) return;
    let isLate = false;
    const callOff = this.#clock.after(this.#patienceMs, () => {
      isLate = true;
      this.#wake();
    });
    while (!isLate && this.#mayWait()) await this.#woken();
    callOff();
  }

  #mayWait(): boolean {
    return !this.#isUrgent && this.#items.every(this.#isPatient);
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
