import type { Json } from '../model/json.ts';
import type { Clock, DriverIO, EndRequest, Stream } from '../model/ports.ts';
import type { Failure } from './protocol.ts';

/** How a job of a plugin ended: with a reply, by an error, or with the whole process. */
export type JobEnd =
  | { readonly kind: 'reply'; readonly reply: Json }
  | { readonly kind: 'threw'; readonly failure: Failure }
  | { readonly kind: 'died'; readonly how: string };

/** What a job is given. */
export interface JobIO extends Pick<DriverIO, 'signal' | 'write'> {
  /** Takes what a trigger fires; resolves once that is durable. Left out for all else. */
  fire?(firing: Json): Promise<void>;
}

/** What can be done about a job. */
export interface JobPorts {
  readonly clock: Clock;
  /** Asks it to end. */
  ask(): void;
  /** Ends the process it runs in, and with it all other jobs there. */
  kill(why: string): void;
}

/** The least time a job has to end, in ms: forcing it costs the other jobs of the plugin their lives. */
const LEAST_GRACE_MS = 1_000;

/** One job of a plugin, or other work it does, seen from the program. */
export class RunningJob {
  /** Rejects, once the job is over, when its output could not be taken. */
  readonly ended: Promise<JobEnd>;
  readonly #io: JobIO;
  readonly #ports: JobPorts;
  #resolve: (end: JobEnd | Promise<JobEnd>) => void = () => {};
  #written: Promise<void> = Promise.resolve();
  #callOff: (() => void) | null = null;
  #isOver = false;

  constructor(io: JobIO, ports: JobPorts) {
    this.#io = io;
    this.#ports = ports;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (io.signal.aborted) this.#onAbort();
    else io.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Resolves when the chunk is taken, or never will be. Chunks are taken one after the other. */
  write(stream: Stream, chunk: Uint8Array): Promise<void> {
    this.#written = this.#written.then(() => this.#io.write(stream, chunk));
    return this.#written.catch(() => this.#force(0));
  }

  /** Resolves with why what was fired could not be kept, or with null. */
  async fire(firing: Json): Promise<string | null> {
    if (!this.#io.fire) return 'this is no trigger';
    try {
      await this.#io.fire(firing);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  end(reply: Json): void {
    this.#settle({ kind: 'reply', reply });
  }

  fail(failure: Failure): void {
    this.#settle({ kind: 'threw', failure });
  }

  die(how: string): void {
    this.#settle({ kind: 'died', how });
  }

  #settle(end: JobEnd): void {
    this.#isOver = true;
    this.#callOff?.();
    this.#io.signal.removeEventListener('abort', this.#onAbort);
    this.#resolve(this.#written.then(() => end));
  }

  readonly #onAbort = (): void => {
    const { graceMs, hurry }: EndRequest = this.#io.signal.reason;
    this.#force(graceMs);
    hurry.addEventListener('abort', () => this.#force(0), { once: true });
  };

  /** Asks the job to end, and sees to it that it does. */
  #force(graceMs: number): void {
    if (this.#isOver) return;
    if (this.#callOff === null) this.#ports.ask();
    this.#callOff?.();
    const wait = Math.max(graceMs, LEAST_GRACE_MS);
    this.#callOff = this.#ports.clock.after(wait, () => this.#ports.kill('a job that had to end did not'));
  }
}
