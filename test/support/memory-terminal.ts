import type { Terminal } from '../../src/cli/print/terminal.ts';

interface Traits {
  readonly live?: boolean;
  readonly color?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** A terminal that remembers what was written. Its reader can be slow, or go away. */
export class MemoryTerminal implements Terminal {
  readonly live: boolean;
  readonly color: boolean;
  columns: number;
  rows: number;
  closed = false;
  problem: string | null = null;
  /** What each write brought. */
  readonly writes: string[] = [];
  /** Nothing is read until `read` is called. */
  slow = false;
  /** Called after each write. */
  onWrite = (): void => {};
  readonly #listeners: (() => void)[] = [];
  #unread: (() => void)[] = [];

  constructor({ live = false, color = false, columns = Infinity, rows = Infinity }: Traits = {}) {
    this.live = live;
    this.color = color;
    this.columns = columns;
    this.rows = rows;
  }

  get text(): string {
    return this.writes.join('');
  }

  /** Writes that nobody has read yet. */
  get unread(): number {
    return this.#unread.length;
  }

  onClosed(listener: () => void): void {
    this.#listeners.push(listener);
  }

  write(bytes: Uint8Array | string): void | Promise<void> {
    if (this.closed) return;
    this.writes.push(Buffer.from(bytes).toString());
    this.onWrite();
    if (this.slow) return new Promise((resolve) => this.#unread.push(resolve));
  }

  /** Reads all that was written. */
  read(): void {
    for (const resolve of this.#unread.splice(0)) resolve();
  }

  /** The reader goes away. */
  close(): void {
    this.closed = true;
    this.read();
    for (const listener of this.#listeners) listener();
  }
}
