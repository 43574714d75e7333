import { harmlessName } from '../../util/terminal-text.ts';
import { elapsedText } from './duration-text.ts';
import type { Footer } from './output-buffer.ts';
import type { OpenTask, RunTally } from './run-tally.ts';
import type { Style } from './style.ts';
import type { Terminal } from './terminal.ts';

/** Open tasks shown at most, however tall the window is. */
const MOST_TASKS = 12;

/**
 * The live part of a display: the open tasks with their times, and how far the run is. Never wider than the window and never
 * taller than half of it, so that it can always be erased.
 */
export class RunFooter implements Footer {
  readonly #terminal: Terminal;
  readonly #tally: RunTally;
  readonly #style: Style;
  readonly #now: () => number;
  /** The lengths of the lines that are there. */
  #shown: readonly number[] = [];
  #stopped = false;

  /** `now` is ms since the epoch. */
  constructor(terminal: Terminal, tally: RunTally, style: Style, now: () => number) {
    this.#terminal = terminal;
    this.#tally = tally;
    this.#style = style;
    this.#now = now;
  }

  erase(): string {
    // Lines wrap when the window has become narrower since.
    const rows = this.#shown.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / this.#terminal.columns)), 0);
    this.#shown = [];
    return rows === 0 ? '' : `\r\x1b[${rows}A\x1b[J`;
  }

  draw(): string {
    if (this.#stopped) return '';
    const lines = [...this.#taskLines(), this.#progress()].map((line) => line.slice(0, this.#terminal.columns - 1));
    this.#shown = lines.map((line) => line.length);
    return lines.map((line) => `${this.#style.faint(line)}\n`).join('');
  }

  /** Draws nothing from now on; what is there can still be erased. */
  stop(): void {
    this.#stopped = true;
  }

  #taskLines(): string[] {
    const { open } = this.#tally;
    const places = Math.max(0, Math.min(MOST_TASKS, Math.floor(this.#terminal.rows / 2) - 1));
    const shown = [...take(open, open.size > places ? places - 1 : places)];
    const width = Math.max(0, ...shown.map(([name]) => name.length));
    const lines = shown.map(([name, task]) => `  ${harmlessName(name).padEnd(width)}  ${this.#taskText(task)}`);
    if (open.size > places && places > 0) lines.push(`  and ${open.size - shown.length} more`);
    return lines;
  }

  #taskText(task: OpenTask): string {
    const time = elapsedText(this.#now() - task.since);
    const attempt = task.attempt > 1 ? `, attempt ${task.attempt}` : '';
    const progress = task.message === null ? '' : `: ${harmlessName(task.message)}`;
    return `${time}${attempt}${task.phase === 'running' ? '' : `, ${task.phase}${progress}`}`;
  }

  #progress(): string {
    const { done, total, ended, queued, open } = this.#tally;
    const counts = [
      `${done}/${total} done`,
      ended.failed > 0 ? `${ended.failed} failed` : '',
      open.size > 0 ? `${open.size} running` : '',
      queued > 0 ? `${queued} queued` : '',
      elapsedText(this.#tally.elapsed(this.#now())),
    ];
    return counts.filter((count) => count !== '').join(', ');
  }
}

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
