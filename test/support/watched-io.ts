import type { Handle } from '../../src/model/event.ts';
import type { DriverIO, EndRequest, Stream } from '../../src/model/ports.ts';

/** What a driver tells about a task, kept, and ways to wait for it and to end the task. */
export class WatchedIO implements DriverIO {
  readonly handles: Handle[] = [];
  /** Each with what was said of it. */
  readonly phases: string[] = [];
  readonly #chunks: Record<Stream, Buffer[]> = { stdout: [], stderr: [] };
  readonly #ending = new AbortController();
  readonly #hurry = new AbortController();
  readonly #waiting = new Set<() => void>();

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get stdout(): string {
    return this.bytes('stdout').toString();
  }

  get stderr(): string {
    return this.bytes('stderr').toString();
  }

  bytes(stream: Stream): Buffer {
    return Buffer.concat(this.#chunks[stream]);
  }

  write(stream: Stream, chunk: Uint8Array): void | Promise<void> {
    this.#chunks[stream].push(Buffer.from(chunk));
    for (const check of this.#waiting) check();
  }

  phase(phase: string, message?: string): void {
    this.phases.push(message === undefined ? phase : `${phase} ${message}`);
    for (const check of this.#waiting) check();
  }

  async started(handle: Handle): Promise<void> {
    this.handles.push(handle);
  }

  /** Resolves once the task has printed `text` to stdout. */
  printed(text: string): Promise<void> {
    return this.#once(() => this.stdout.includes(text));
  }

  /** Resolves once the task is in such a phase. */
  entered(phase: RegExp): Promise<void> {
    return this.#once(() => phase.test(this.phases.at(-1) ?? ''));
  }

  #once(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isSo()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Asks the task to end. */
  end(graceMs: number): void {
    const request: EndRequest = { graceMs, hurry: this.#hurry.signal };
    this.#ending.abort(request);
  }

  /** Calls off the rest of the grace. */
  hurry(): void {
    this.#hurry.abort();
  }
}
