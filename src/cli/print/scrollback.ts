import { harmlessName } from '../../util/terminal-text.ts';
import { paintLines } from './line-painter.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { Style } from './style.ts';

/** The widest a name is padded to; longer ones stand out. */
const WIDEST = 24;

/** What tells a task's output from what is said about the task, so that no output can pass for a remark. */
const OUTPUT = '| ';
const REMARK = '> ';

/** The lines of a display that stay: each begins with the name of its task, in the task's colour. */
export class Scrollback {
  readonly #buffer: OutputBuffer;
  readonly #color: boolean;
  readonly #style: Style;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #width: number;
  readonly #prefixes = new Map<string, Buffer>();

  constructor(buffer: OutputBuffer, tasks: readonly string[], style: Style, color: boolean) {
    this.#buffer = buffer;
    this.#color = color;
    this.#style = style;
    this.#indexes = new Map(tasks.map((name, index) => [name, index]));
    this.#width = tasks.reduce((width, name) => Math.max(width, Math.min(name.length, WIDEST)), 0);
  }

  /** A line about the run as a whole. */
  line(text: string): void {
    this.#buffer.text(`${text}\n`);
  }

  /** A remark about a task. */
  remark(task: string, text: string): void {
    this.#buffer.text(`${this.#name(task)}${REMARK}${text}\n`);
  }

  /** Whole lines a task wrote. */
  output(task: string, block: Buffer): void {
    paintLines(this.#buffer, this.#prefix(task), block, this.#color);
  }

  /** Forgets what speeds up the output of a task. */
  forget(task: string): void {
    this.#prefixes.delete(task);
  }

  #prefix(task: string): Buffer {
    const known = this.#prefixes.get(task);
    if (known) return known;
    const prefix = Buffer.from(`${this.#name(task)}${OUTPUT}`);
    this.#prefixes.set(task, prefix);
    return prefix;
  }

  #name(task: string): string {
    const padded = `${harmlessName(task).padEnd(this.#width)} `;
    return this.#style.task(this.#indexes.get(task) ?? 0)(padded);
  }
}
