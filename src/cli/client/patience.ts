import type { Clock } from '../../model/ports.ts';
import { pause } from '../pause.ts';
import { Unreachable } from './daemon-error.ts';

/** How long a daemon that is gone is waited for, in ms: enough for a restart or an upgrade. */
const LONGEST_MS = 120_000;

/** Between two tries, in ms. */
const PAUSE_MS = 250;

/** What the patience of a command needs. */
export interface PatiencePorts {
  readonly clock: Clock;
  /** Aborts when the user loses interest. */
  readonly signal: AbortSignal;
  /** Takes a line about a daemon that is lost, and one when it is back. */
  tell(text: string): void;
}

/** Bears that a daemon goes away for a while, as when it is restarted: its runs go on meanwhile, and it knows them when it is back. */
export class Patience {
  readonly #ports: PatiencePorts;
  /** ms of monotonic time; null while the daemon is there. */
  #lostAt: number | null = null;

  constructor(ports: PatiencePorts) {
    this.#ports = ports;
  }

  /**
   * Asks until there is an answer. The question must do no harm when it is put twice; it is told when it should not wait for news, to
   * find out whether the daemon is there. Rejects as it does, when the daemon was never
   * there, stays away too long or beyond `until` (ms of monotonic time).
   */
  async ask<T>(question: (isProbe: boolean) => Promise<T>, until = Number.POSITIVE_INFINITY): Promise<T> {
    const { clock, signal } = this.#ports;
    for (;;) {
      try {
        const answer = await question(this.#lostAt !== null);
        this.#back();
        return answer;
      } catch (error) {
        if (!(error instanceof Unreachable && error.wasThere)) throw error;
        if (clock.monotonic() >= Math.min(this.#lost(error) + LONGEST_MS, until)) throw error;
        await pause(clock, signal, PAUSE_MS);
      }
    }
  }

  #lost({ message }: Unreachable): number {
    if (this.#lostAt === null) {
      this.#lostAt = this.#ports.clock.monotonic();
      this.#ports.tell(
        `lost the daemon at ${message}; waiting ${LONGEST_MS / 60_000} minutes at most for it to come back`,
      );
    }
    return this.#lostAt;
  }

  #back(): void {
    if (this.#lostAt === null) return;
    this.#lostAt = null;
    this.#ports.tell('the daemon is back');
  }
}
