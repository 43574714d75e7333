import type { EventOf, RunEvent } from '../../model/event.ts';
import type { Clock, Stream } from '../../model/ports.ts';
import type { RunResult } from '../../model/run.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { countOf } from './count-of.ts';
import { taskEventText } from './event-text.ts';
import { RunFooter } from './footer.ts';
import { OutputBuffer } from './output-buffer.ts';
import { everyRound, frames } from './pace.ts';
import { RunTally } from './run-tally.ts';
import { Scrollback } from './scrollback.ts';
import { createStyle, type Style } from './style.ts';
import { summaryLines } from './summary.ts';
import { TaskOutput } from './task-output.ts';
import type { Terminal } from './terminal.ts';

/** Failed tasks whose last lines are shown again at the end. */
const MOST_FAILURES = 10;
/** How many of their lines. */
const TAIL_LINES = 20;

/** How often a live display moves on while nothing happens, in ms. */
const TICK_MS = 1000;

/** What a display needs to know beforehand. */
export interface DisplayOptions {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** The names of all tasks that do something, in file order. Of others only the end is shown. */
  readonly tasks: readonly string[];
}

/**
 * Shows a run while it goes on: one line per line of output and per event worth it, at the end the last lines of what failed
 * and a summary; on a live terminal also a footer that tells what runs. Falls silent once nobody reads any more.
 */
export class RunDisplay {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #tasks: ReadonlySet<string>;
  readonly #tally: RunTally;
  readonly #style: Style;
  readonly #footer: RunFooter | null;
  readonly #buffer: OutputBuffer;
  readonly #scrollback: Scrollback;
  readonly #outputs = new Map<string, TaskOutput>();
  readonly #failures: { readonly task: string; readonly lines: Buffer }[] = [];
  #stopTicking: (() => void) | null = null;

  constructor({ terminal, clock, tasks }: DisplayOptions) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#tasks = new Set(tasks);
    this.#tally = new RunTally(tasks.length);
    this.#style = createStyle(terminal.color);
    this.#footer = terminal.live ? new RunFooter(terminal, this.#tally, this.#style, () => clock.now()) : null;
    this.#buffer = new OutputBuffer(terminal, terminal.live ? frames(clock) : everyRound, this.#footer);
    this.#scrollback = new Scrollback(this.#buffer, tasks, this.#style, terminal.color);
    terminal.onClosed(() => this.#stop());
  }

  /** Takes the events of the run in order. */
  event(event: RunEvent): void {
    if (this.#terminal.closed) return;
    if ('task' in event && event.task !== null) this.#taskEvent(event, event.task);
    else this.#runEvent(event);
    if (this.#footer) this.#buffer.touch();
  }

  /**
   * Takes a chunk a task wrote; it may be reused after the call. A promise means that the reader is behind: hold the task's
   * output back until it resolves. It never rejects.
   */
  output(task: string, attempt: number, stream: Stream, chunk: Uint8Array): void | Promise<void> {
    if (this.#terminal.closed) return;
    this.#outputOf(task, attempt).push(stream, chunk);
    return this.#buffer.pressure();
  }

  /** Shows a line about the run that is no event of it; harmless. */
  remark(text: string): void {
    this.#scrollback.line(text);
  }

  /** Shows how the run ended; resolves once all is written, or nobody reads any more. */
  async close(result: RunResult): Promise<void> {
    this.#stop();
    for (const output of this.#outputs.values()) output.flush();
    this.#outputs.clear();
    // In a group of one task the lines stand right above.
    if (this.#tally.total > 1) this.#repeatFailures();
    const elapsed = this.#tally.elapsed(this.#clock.now());
    for (const line of summaryLines(result, elapsed, this.#terminal.columns, this.#style)) this.#scrollback.line(line);
    await this.#buffer.drain();
  }

  /** Ends the display of a run that goes on; resolves once all is written, or nobody reads any more. */
  async leave(): Promise<void> {
    this.#stop();
    for (const output of this.#outputs.values()) output.flush();
    await this.#buffer.drain();
  }

  #runEvent(event: RunEvent): void {
    this.#tally.take(event);
    if (event.type === 'run-created') {
      const { workflow, number, id } = event.run;
      this.#scrollback.line(
        `${harmlessName(workflow)}: run ${number}, ${countOf(this.#tally.total, 'task')}, ${harmlessName(id)}`,
      );
      if (this.#footer) this.#tick();
    } else if (event.type === 'cancel-requested') {
      this.#scrollback.line(`cancelling the run (${event.reason})`);
    }
  }

  #taskEvent(event: RunEvent, task: string): void {
    const before = this.#tally.open.get(task);
    if (this.#tasks.has(task)) this.#tally.take(event);
    if (event.type === 'task-retrying') this.#endOutput(task);
    if (event.type === 'task-ended') this.#endTask(event);
    for (const text of taskEventText(event, before, this.#style)) this.#scrollback.remark(task, text);
  }

  #endTask({ task, end }: EventOf<'task-ended'>): void {
    const lines = this.#endOutput(task);
    this.#scrollback.forget(task);
    if (end.status !== 'failed') return;
    if (lines && lines.length > 0 && this.#failures.length < MOST_FAILURES) this.#failures.push({ task, lines });
  }

  /** Shows what was held back of the attempt's output; returns its last lines. */
  #endOutput(task: string): Buffer | undefined {
    const output = this.#outputs.get(task);
    output?.flush();
    this.#outputs.delete(task);
    return output?.tail.lines(TAIL_LINES);
  }

  #outputOf(task: string, attempt: number): TaskOutput {
    const known = this.#outputs.get(task);
    if (known?.attempt === attempt) return known;
    known?.flush();
    const output = new TaskOutput(attempt, (block) => this.#scrollback.output(task, block));
    this.#outputs.set(task, output);
    return output;
  }

  #repeatFailures(): void {
    for (const { task, lines } of this.#failures) {
      this.#scrollback.line('');
      this.#scrollback.remark(task, this.#style.bold(`last lines of ${harmlessName(task)}`));
      this.#scrollback.output(task, lines);
    }
    const left = this.#tally.ended.failed - this.#failures.length;
    if (this.#failures.length === MOST_FAILURES && left > 0) {
      this.#scrollback.line(`\nand ${countOf(left, 'more failed task')}`);
    }
  }

  #tick(): void {
    this.#stopTicking = this.#clock.after(TICK_MS, () => {
      this.#buffer.touch();
      this.#tick();
    });
  }

  #stop(): void {
    this.#stopTicking?.();
    this.#stopTicking = null;
    this.#footer?.stop();
  }
}
