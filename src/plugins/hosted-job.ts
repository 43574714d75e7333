import type { Json } from '../model/json.ts';
import type { PluginFiring, PluginIO, PluginWatch } from '../model/plugin.ts';
import type { Stream } from '../model/ports.ts';
import type { Message } from './protocol.ts';

/** The longest chunk that is sent in one piece, in bytes. */
const LONGEST_CHUNK = 64 * 1024;

/** One job, or other work, in the process of its plugin. */
export class HostedJob {
  readonly io: PluginIO & PluginWatch;
  readonly #id: number;
  readonly #send: (message: Message) => Promise<void>;
  readonly #ending = new AbortController();
  /** Who waits for the program to take a chunk, the oldest first. */
  readonly #waiting: (() => void)[] = [];
  /** Who waits until what was fired is durable, by the number of the call. */
  readonly #fired = new Map<number, (problem: string | null) => void>();
  #calls = 0;
  #isOpen = true;

  constructor(id: number, send: (message: Message) => Promise<void>) {
    this.#id = id;
    this.#send = send;
    this.io = {
      signal: this.#ending.signal,
      write: (stream, chunk) => this.#write(stream, chunk),
      fire: (firing) => this.#fire(firing),
    };
  }

  /** False once it has ended: what it writes then is nobody's. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  end(): void {
    this.#ending.abort();
  }

  /** The program has taken the oldest chunk. */
  taken(): void {
    this.#waiting.shift()?.();
  }

  fired(call: number, problem: string | null): void {
    this.#fired.get(call)?.(problem);
    this.#fired.delete(call);
  }

  close(): void {
    this.#isOpen = false;
    for (const settle of this.#fired.values()) settle('nobody watches any more');
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #write(stream: Stream, chunk: string | Uint8Array): Promise<void> {
    if (!this.#isOpen) throw new Error('the job has ended; it can write no more');
    if (stream !== 'stdout' && stream !== 'stderr') throw new Error(`a job writes to stdout or stderr, not ${stream}`);
    const bytes = Buffer.from(chunk as Uint8Array);
    const taken: Promise<void>[] = [];
    for (let at = 0; at < bytes.length; at += LONGEST_CHUNK) {
      const base64 = bytes.subarray(at, at + LONGEST_CHUNK).toString('base64');
      taken.push(new Promise((resolve) => this.#waiting.push(resolve)));
      void this.#send({ type: 'output', id: this.#id, stream, base64 });
    }
    await Promise.all(taken);
  }

  #fire(firing: PluginFiring): Promise<void> {
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) throw new Error('nobody watches any more');
      this.#fired.set(call, (problem) => (problem === null ? resolve() : reject(new Error(problem))));
      void this.#send({ type: 'fire', id: this.#id, call, firing: firing as unknown as Json });
    });
  }
}
