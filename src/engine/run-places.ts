import type { Places } from './places.ts';

/** The places of the program that the tasks of one run hold. */
export class RunPlaces {
  readonly #places: Places;
  readonly #needsNone: (index: number) => boolean;
  #held = 0;
  /** Active tasks that take none. */
  readonly #without = new Set<number>();

  /** `needsNone` says of a task, by its index, that it only waits for others. */
  constructor(places: Places, needsNone: (index: number) => boolean) {
    this.#places = places;
    this.#needsNone = needsNone;
  }

  /** Takes a place for a task that is to start; false when none is free. */
  take(index: number): boolean {
    if (this.#needsNone(index)) {
      this.#without.add(index);
      return true;
    }
    const isFree = this.#places.take();
    if (isFree) this.#held += 1;
    return isFree;
  }

  /** Takes a place for a task that runs already. */
  hold(index: number): void {
    if (this.#needsNone(index)) {
      this.#without.add(index);
      return;
    }
    this.#places.hold();
    this.#held += 1;
  }

  /** A task is active no more. */
  left(index: number): void {
    this.#without.delete(index);
  }

  /** Gives back what is not needed while so many tasks are active. */
  settle(active: number): void {
    for (const needed = active - this.#without.size; this.#held > needed; this.#held -= 1) this.#places.release();
  }

  /** Gives back all, whatever is active. */
  giveUp(): void {
    this.#without.clear();
    this.settle(0);
    this.withdraw();
  }

  /** No task waits for a place. */
  withdraw(): void {
    this.#places.withdraw();
  }
}
