import type { RunEvent } from '../../model/event.ts';
import type { Stream } from '../../model/ports.ts';
import type { Audience } from '../follow/follow-run.ts';
import { paintLines } from './line-painter.ts';
import { OutputBuffer } from './output-buffer.ts';
import { everyRound } from './pace.ts';
import { Scrollback } from './scrollback.ts';
import { createStyle } from './style.ts';
import { TaskOutput } from './task-output.ts';
import type { Terminal } from './terminal.ts';

/** Writes whole lines of a task; they may be kept only during the call. */
type Show = (buffer: OutputBuffer, task: string, attempt: number, block: Buffer) => void;

/** Who is shown logs only, perhaps one after another. */
export interface LogAudience extends Audience {
  /** Nothing more comes of a task: what it began of a line is all of it. */
  endTask(task: string): void;
}

/** Shows what tasks write, and nothing else. */
class LogPrinter implements LogAudience {
  readonly #terminal: Terminal;
  readonly #buffer: OutputBuffer;
  readonly #show: Show;
  readonly #outputs = new Map<string, TaskOutput>();

  constructor(terminal: Terminal, show: Show) {
    this.#terminal = terminal;
    this.#buffer = new OutputBuffer(terminal, everyRound);
    this.#show = show;
  }

  event(event: RunEvent): void {
    if (event.type === 'task-ended') this.endTask(event.task);
  }

  endTask(task: string): void {
    this.#outputs.get(task)?.flush();
    this.#outputs.delete(task);
  }

  output(task: string, attempt: number, stream: Stream, chunk: Uint8Array): void | Promise<void> {
    if (this.#terminal.closed) return;
    this.#outputOf(task, attempt).push(stream, chunk);
    return this.#buffer.pressure();
  }

  close(): Promise<void> {
    return this.leave();
  }

  async leave(): Promise<void> {
    for (const output of this.#outputs.values()) output.flush();
    this.#outputs.clear();
    await this.#buffer.drain();
  }

  #outputOf(task: string, attempt: number): TaskOutput {
    const known = this.#outputs.get(task);
    if (known?.attempt === attempt) return known;
    known?.flush();
    const output = new TaskOutput(attempt, (block) => this.#show(this.#buffer, task, attempt, block));
    this.#outputs.set(task, output);
    return output;
  }
}

/** Lines of one task as they are, made harmless. */
export function plainLog(terminal: Terminal): LogAudience {
  return new LogPrinter(terminal, (buffer, _task, _attempt, block) =>
    paintLines(buffer, NOTHING, block, terminal.color),
  );
}

/** Lines of several tasks, each after the name of its task. */
export function prefixedLog(terminal: Terminal, tasks: readonly string[]): LogAudience {
  let scrollback: Scrollback | null = null;
  return new LogPrinter(terminal, (buffer, task, _attempt, block) => {
    scrollback ??= new Scrollback(buffer, tasks, createStyle(terminal.color), terminal.color);
    scrollback.output(task, block);
  });
}

/** One JSON object a line: `{task, attempt, line}`. */
export function jsonLog(terminal: Terminal): LogAudience {
  return new LogPrinter(terminal, (buffer, task, attempt, block) => {
    const lines = block.toString().split('\n').slice(0, -1);
    for (const line of lines) buffer.text(`${JSON.stringify({ task, attempt, line })}\n`);
  });
}

/** The bytes of a log, unchanged. */
export function rawLog(terminal: Terminal): LogAudience {
  return {
    event: () => {},
    endTask: () => {},
    output: (_task, _attempt, _stream, chunk) => terminal.write(Buffer.from(chunk)),
    close: async () => {},
    leave: async () => {},
  };
}

const NOTHING = Buffer.alloc(0);
