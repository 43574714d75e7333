import type { Handle } from '../model/event.ts';
import type { EndRequest, SpawnIO } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import type { Request } from './protocol.ts';

/** One task at an executor, from the side of who waits for it. It outlives lines to executors, and executors. */
export class RemoteTask {
  /** Rejects when its start could not be recorded, or was refused. */
  readonly ended: Promise<Exit>;
  readonly #mark: string;
  readonly #io: SpawnIO;
  readonly #send: (request: Request) => void;
  #handle: Handle | null;
  #hasBegun = false;
  #hasStarted = false;
  /** Why its start could not be recorded. */
  #unrecorded: { readonly error: unknown } | null = null;
  /** The wish to end it, once there is one. */
  #request: EndRequest | null = null;
  #resolve: (exit: Exit) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  /** `send` reaches the executor of the moment, if there is one. */
  constructor(mark: string, handle: Handle | null, io: SpawnIO, send: (request: Request) => void) {
    this.#mark = mark;
    this.#handle = handle;
    this.#io = io;
    this.#send = send;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Sends what begins it: to be called once. From then on it may be running. */
  begin(request: Request): void {
    this.#hasBegun = true;
    this.#send(request);
    if (this.#io.signal.aborted) this.#end();
    else this.#io.signal.addEventListener('abort', this.#end, { once: true });
  }

  /** Takes it up at another executor, or over another line. */
  resume(): void {
    if (!this.#hasBegun) return;
    this.#send({ type: 'attend', mark: this.#mark, handle: this.#handle });
    this.#repeatEnd();
  }

  /** To be called when it runs; only the first time counts. */
  started(handle: Handle): void {
    this.#handle = handle;
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    void this.#record(handle);
  }

  /** To be called with its end, which does not wait for the record of its start. */
  finish(exit: Exit): void {
    this.dispose();
    if (this.#unrecorded) this.#reject(this.#unrecorded.error);
    else this.#resolve(exit);
  }

  /** To be called when the executor would not begin it. */
  refuse(message: string): void {
    this.dispose();
    this.#reject(new Error(message));
  }

  dispose(): void {
    this.#io.signal.removeEventListener('abort', this.#end);
    this.#request?.hurry.removeEventListener('abort', this.#hurry);
  }

  /** What cannot be recorded must not run. */
  async #record(handle: Handle): Promise<void> {
    try {
      await this.#io.started(handle);
    } catch (error) {
      this.#unrecorded = { error };
      this.#send({ type: 'end', mark: this.#mark, graceMs: 0 });
      this.#send({ type: 'hurry', mark: this.#mark });
    }
  }

  readonly #end = (): void => {
    const request: EndRequest = this.#io.signal.reason;
    this.#request = request;
    request.hurry.addEventListener('abort', this.#hurry, { once: true });
    this.#repeatEnd();
  };

  #repeatEnd(): void {
    if (this.#request === null) return;
    this.#send({ type: 'end', mark: this.#mark, graceMs: this.#request.graceMs });
    if (this.#request.hurry.aborted) this.#hurry();
  }

  readonly #hurry = (): void => this.#send({ type: 'hurry', mark: this.#mark });
}
