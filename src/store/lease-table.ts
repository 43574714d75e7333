import type { Lease } from '../model/store.ts';
import { once } from '../util/once.ts';

/** Hands out leases on keys within one process: one holder a key, the others in the order of asking. */
export class LeaseTable {
  /** Per key that is held, those who wait for it. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Resolves once the key is free. Rejects with the signal's reason when that aborts first. */
  async take(key: Uint8Array, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    const name = Buffer.from(key).toString('latin1');
    const queue = this.#waiting.get(name);
    if (queue) await turn(queue, signal);
    else this.#waiting.set(name, []);
    return { release: once(() => this.#pass(name)) };
  }

  #pass(name: string): void {
    const next = this.#waiting.get(name)?.shift();
    if (next) next();
    else this.#waiting.delete(name);
  }
}

function turn(queue: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (): void => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      queue.splice(queue.indexOf(go), 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    queue.push(go);
  });
}
