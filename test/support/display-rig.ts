import { RunDisplay } from '../../src/cli/print/display.ts';
import type { RunEvent } from '../../src/model/event.ts';
import { MANUAL_FIRING } from '../../src/model/manual-firing.ts';
import type { Stream } from '../../src/model/ports.ts';
import type { FailureReason, RunStatus } from '../../src/model/reason.ts';
import type { RunHeader, RunResult, TaskEnd, TaskResult } from '../../src/model/run.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryTerminal } from './memory-terminal.ts';

type TaskEvent = Extract<RunEvent, { task: string }>;

/** A display on a terminal of memory with a clock that stands still, and short words for what happens in a run. */
export class DisplayRig {
  readonly terminal: MemoryTerminal;
  readonly clock = new FakeClock();
  readonly display: RunDisplay;
  readonly #results: Record<string, TaskResult> = {};
  readonly #started = new Map<string, { readonly at: number; attempts: number }>();

  constructor(tasks: readonly string[], terminal = new MemoryTerminal()) {
    this.terminal = terminal;
    this.display = new RunDisplay({ terminal, clock: this.clock, tasks });
  }

  /** The run is created and started. */
  begin(workflow = 'release'): void {
    const header: RunHeader = {
      id: 'run-id',
      number: 7,
      workflow,
      firing: MANUAL_FIRING,
      inputs: {},
      only: null,
      createdAt: this.clock.now(),
    };
    this.display.event({ type: 'run-created', at: this.clock.now(), run: header });
    this.display.event({ type: 'run-started', at: this.clock.now() });
  }

  queue(task: string): void {
    this.#emit({ type: 'task-queued', at: this.clock.now(), task });
  }

  start(task: string, attempt = 1): void {
    this.queue(task);
    const started = this.#started.get(task) ?? { at: this.clock.now(), attempts: 0 };
    started.attempts = attempt;
    this.#started.set(task, started);
    this.#emit({ type: 'task-starting', at: this.clock.now(), task, attempt });
  }

  write(task: string, text: string | Uint8Array, stream: Stream = 'stdout', attempt = 1): void | Promise<void> {
    return this.display.output(task, attempt, stream, Buffer.from(text));
  }

  retry(task: string, attempt: number, message: string, delayMs: number): void {
    const at = this.clock.now();
    this.#emit({ type: 'task-retrying', at, task, attempt, reason: 'exit_code', message, retryAt: at + delayMs });
  }

  succeed(task: string, cached = false): void {
    this.end(task, { status: 'success', exitCode: 0, outputs: {}, cached });
  }

  fail(task: string, message = 'exit code 1', reason: FailureReason = 'exit_code'): void {
    this.end(task, { status: 'failed', reason, exitCode: 1, message, outputs: {} });
  }

  skip(task: string, message: string): void {
    this.end(task, { status: 'skipped', reason: 'dependency', message });
  }

  end(task: string, end: TaskEnd): void {
    const started = this.#started.get(task);
    this.#results[task] = {
      id: `run-id.${task}`,
      name: task,
      status: end.status,
      reason: end.status === 'success' ? null : end.reason,
      exit_code: null,
      cached: end.status === 'success' && end.cached,
      attempts: started?.attempts ?? 0,
      duration_ms: started ? this.clock.now() - started.at : 0,
      outputs: {},
    };
    this.#emit({ type: 'task-ended', at: this.clock.now(), task, end });
  }

  /** The run ends; resolves with all that was written. */
  async close(status: RunStatus, reason: RunResult['reason'] = null): Promise<string> {
    this.display.event({ type: 'run-ended', at: this.clock.now(), status, reason: null });
    await this.display.close({ id: 'run-id', status, reason, results: this.#results });
    return this.terminal.text;
  }

  #emit(event: TaskEvent): void {
    this.display.event(event);
  }
}

/** Resolves at the end of this round of the event loop, when a display has written what it gathered in it. */
export function roundEnd(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
