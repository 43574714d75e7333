import { FairQueue } from './fair-queue.ts';

/** What a run sees of the places that bound how many tasks the program runs at once. */
export interface Places {
  /** Takes a place. When none is free the run waits from now on, and is woken once one is set aside for it. */
  take(): boolean;
  /** Takes a place for a task that runs already, even beyond the bound. */
  hold(): void;
  /** Gives one back. */
  release(): void;
  /** Stops waiting, and passes on what was set aside. */
  withdraw(): void;
}

/** Places of a single run, which nobody shares: there is nothing to be woken for. */
export function ownPlaces(total: number): () => Places {
  return () => {
    let free = total;
    const change = (by: number): void => {
      free += by;
    };
    const take = (): boolean => {
      if (free <= 0) return false;
      change(-1);
      return true;
    };
    return { take, hold: () => change(-1), release: () => change(1), withdraw: () => {} };
  };
}

/** The places all runs share. One that becomes free is set aside for the run that waits longest of the workflow whose turn it is. */
export class SharedPlaces {
  #free: number;
  readonly #waiting = new FairQueue<Seat>();

  constructor(total: number) {
    this.#free = total;
  }

  /** The view of one run. `wake` is called, never within `take`, when a place was set aside for it. */
  join(workflow: string, wake: () => void): Places {
    const seat: Seat = { granted: 0, wake };
    const giveBack = (count: number): void => {
      this.#free += count;
      this.#pass();
    };
    return {
      take: () => this.#take(workflow, seat),
      hold: () => {
        this.#free -= 1;
      },
      release: () => giveBack(1),
      withdraw: () => {
        this.#waiting.delete(workflow, seat);
        const { granted } = seat;
        seat.granted = 0;
        if (granted > 0) giveBack(granted);
      },
    };
  }

  #take(workflow: string, seat: Seat): boolean {
    if (seat.granted > 0) {
      seat.granted -= 1;
      return true;
    }
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    this.#waiting.add(workflow, seat);
    return false;
  }

  #pass(): void {
    while (this.#free > 0) {
      const seat = this.#waiting.take();
      if (!seat) return;
      this.#free -= 1;
      seat.granted += 1;
      seat.wake();
    }
  }
}

interface Seat {
  /** Places set aside and not taken yet. */
  granted: number;
  readonly wake: () => void;
}
