import type { Writable } from 'node:stream';
import { type Terminal, type TerminalTraits, terminalTraits } from './terminal.ts';

/** A writable stream that may know the size of its window, such as `process.stdout`. */
export type OutputStream = Pick<Writable, 'write' | 'on' | 'writableLength'> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** What a terminal's size is when it does not say. */
const USUAL = { columns: 80, rows: 24 };

/** How a system says that nobody reads any more; of a terminal that is gone it says `EIO`. */
const GONE: readonly string[] = ['EPIPE', 'ECONNRESET'];

/** A stream of the process as a terminal. A stream that fails, whatever the reason, counts as closed. */
export class StreamTerminal implements Terminal {
  readonly live: boolean;
  readonly color: boolean;
  readonly #stream: OutputStream;
  readonly #listeners: (() => void)[] = [];
  readonly #unwritten = new Set<() => void>();
  #closed = false;
  #problem: string | null = null;

  constructor(stream: OutputStream, env: Readonly<Record<string, string | undefined>>) {
    const traits: TerminalTraits = terminalTraits(stream.isTTY === true, env);
    this.live = traits.live;
    this.color = traits.color;
    this.#stream = stream;
    stream.on('error', (error) => this.#fail(error));
    stream.on('close', () => this.#close());
  }

  get columns(): number {
    return this.#stream.isTTY ? this.#stream.columns || USUAL.columns : Number.POSITIVE_INFINITY;
  }

  get rows(): number {
    return this.#stream.isTTY ? this.#stream.rows || USUAL.rows : Number.POSITIVE_INFINITY;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get problem(): string | null {
    return this.#problem;
  }

  onClosed(listener: () => void): void {
    if (this.#closed) queueMicrotask(listener);
    else this.#listeners.push(listener);
  }

  write(bytes: Uint8Array | string): void | Promise<void> {
    if (this.#closed || bytes.length === 0) return;
    let written = (): void => {};
    this.#stream.write(bytes, (error) => {
      if (error) this.#fail(error);
      written();
    });
    // Files and terminals, and pipes with room, are written within the call.
    if (this.#stream.writableLength === 0) return;
    return new Promise((resolve) => {
      written = () => {
        this.#unwritten.delete(resolve);
        resolve();
      };
      this.#unwritten.add(resolve);
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    const isGone = this.#closed || GONE.includes(error.code ?? '') || (this.#stream.isTTY && error.code === 'EIO');
    if (!isGone) this.#problem = error.message;
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const resolve of this.#unwritten) resolve();
    this.#unwritten.clear();
    for (const listener of this.#listeners) listener();
  }
}
