import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../model/ports.ts';
import { Problem } from '../problem.ts';

/** Wrong tokens an address may send in `WINDOW_MS` before its answers are held back. */
const FREE_FAILURES = 10;
const WINDOW_MS = 60_000;
const DELAY_MS = 1_000;

/** Addresses remembered at once; the oldest is forgotten first. */
const MOST_ADDRESSES = 1_000;

/**
 * Asks for the token. Whoever guesses gets slower answers; the right token is always let in, so that nobody can lock out the
 * owner from the same address.
 */
export class TokenGuard {
  readonly #digest: Buffer;
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; readonly since: number }>();

  /** @throws when the token is empty */
  constructor(token: string, clock: Clock) {
    if (token === '') throw new Error('Internal error: a server without a token');
    this.#digest = digestOf(token);
    this.#clock = clock;
  }

  /** Null when the `Authorization` header holds the token. */
  check(authorization: string | undefined, address: string): Problem | null {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digestOf(given), this.#digest)) return null;
    const headers = { 'www-authenticate': 'Bearer' };
    if (given === undefined) {
      return new Problem('unauthorized', 'this needs the token of the daemon: Authorization: Bearer TOKEN', headers);
    }
    if (this.#countFailure(address) <= FREE_FAILURES) {
      return new Problem('unauthorized', 'this is not the token of the daemon', headers);
    }
    const retry = { 'retry-after': String(WINDOW_MS / 1000) };
    return new Problem('too-many-failures', 'too many wrong tokens from this address', retry, DELAY_MS);
  }

  #countFailure(address: string): number {
    const now = this.#clock.monotonic();
    const known = this.#failures.get(address);
    const entry = known && now - known.since < WINDOW_MS ? known : { count: 0, since: now };
    entry.count++;
    this.#failures.delete(address);
    this.#failures.set(address, entry);
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= MOST_ADDRESSES) break;
      this.#failures.delete(oldest);
    }
    return entry.count;
  }
}

/** Digests have one length, which comparing in constant time needs. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
