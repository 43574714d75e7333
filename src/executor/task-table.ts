import type { Handle } from '../model/event.ts';
import type { Capture, Clock, Spawn } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import { CapturedOutput, RunMasks } from './captured-output.ts';
import type { EndFile } from './end-file.ts';
import { KeptTask, type Listener } from './kept-task.ts';
import { type Failure, failure } from './limits.ts';
import { endLost, outlast, type UnknownTask } from './lost-task.ts';
import { MarkSearch } from './mark-search.ts';
import type { RunningTask } from './protocol.ts';
import type { LocalSpawner } from './spawner.ts';

/** The grace of a task that is ended because a value it wrote cannot be masked, in ms. */
const REFUSED_GRACE_MS = 10_000;

/** What a table of tasks takes from outside. */
export interface TaskTableOptions {
  readonly spawner: LocalSpawner;
  readonly ends: EndFile;
  readonly clock: Clock;
  /** Whether an executor of another version may be seeing tasks out that are unknown here. */
  isForeignAlive(): Promise<boolean>;
  /** Called when the last task has ended. */
  onEmpty(): void;
}

/** The tasks of an executor: sees each to its end, keeps the end, and tells whoever attends it. */
export class TaskTable {
  readonly #options: TaskTableOptions;
  readonly #tasks = new Map<string, KeptTask>();
  readonly #masks = new RunMasks();
  readonly #search = new MarkSearch();
  #isClosed = false;

  constructor(options: TaskTableOptions) {
    this.#options = options;
  }

  get running(): readonly RunningTask[] {
    return [...this.#tasks.values()].map(({ mark, handle }) => ({ mark, handle }));
  }

  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  /** Begins a task, unless one with its mark was begun before. */
  start(spawn: Spawn, capture: Capture, listener: Listener): void {
    const { mark } = spawn;
    const refusal = this.#refusal(mark);
    if (refusal !== null) listener({ type: 'refused', mark, message: refusal });
    else this.#keep(mark, null, capture.runId, listener, (task) => this.#run(spawn, capture, task));
  }

  /** Tells of a task to its end, or how it ended. One that nobody knows is ended first, and then lost. */
  attend(unknown: UnknownTask, listener: Listener): void {
    const { mark, handle } = unknown;
    const exit = this.#options.ends.get(mark);
    const task = this.#tasks.get(mark);
    if (task) task.attend(listener);
    else if (exit) listener({ type: 'ended', mark, exit });
    else this.#keep(mark, handle, '', listener, (kept) => this.#lose(unknown, kept));
  }

  end(mark: string, graceMs: number): void {
    this.#tasks.get(mark)?.end(graceMs);
  }

  hurry(mark: string): void {
    this.#tasks.get(mark)?.hurry();
  }

  forget(mark: string): void {
    this.#options.ends.forget(mark);
  }

  release(runId: string): void {
    this.#masks.release(runId);
    this.#options.ends.forgetRun(runId);
  }

  sweep(mark: string): Promise<readonly number[]> {
    return this.#options.spawner.sweep(mark);
  }

  /** Begins nothing more and ends everything that runs. */
  close(graceMs: number): void {
    this.#isClosed = true;
    for (const task of this.#tasks.values()) task.end(graceMs);
  }

  #refusal(mark: string): string | null {
    if (this.#isClosed) return 'the executor is about to end and starts no more tasks';
    const isKnown = this.#tasks.has(mark) || this.#options.ends.get(mark) !== undefined;
    return isKnown ? `a task with the mark ${mark} was started before` : null;
  }

  #keep(
    mark: string,
    handle: Handle | null,
    runId: string,
    listener: Listener,
    seeOut: (task: KeptTask) => Promise<Exit>,
  ): void {
    const task = new KeptTask(mark, handle, this.#options.clock.now(), listener);
    this.#tasks.set(mark, task);
    void seeOut(task)
      .catch(brokenEnd)
      .then((exit) => this.#ended(task, runId, exit));
  }

  #ended(task: KeptTask, runId: string, exit: Exit): void {
    const { mark, startedAt } = task;
    // Written before it is told, for the disk is slow only when it is waited for.
    this.#options.ends.add({ mark, runId, startedAt, endedAt: this.#options.clock.now(), exit });
    task.ended(exit);
    this.#tasks.delete(mark);
    if (this.isEmpty) this.#options.onEmpty();
  }

  async #run(spawn: Spawn, capture: Capture, task: KeptTask): Promise<Exit> {
    const masks = this.#masks.of(capture);
    if (typeof masks === 'string') return failure('bad_output', masks);
    let refusal: Failure | null = null;
    const output = new CapturedOutput(capture, masks, this.#options.clock, (problem) => {
      if (!task.signal.aborted) refusal = failure('bad_output', problem);
      task.end(REFUSED_GRACE_MS);
    });
    let notes: readonly string[] = [];
    let exit: Exit;
    try {
      exit = await this.#options.spawner.run(spawn, {
        signal: task.signal,
        write: (stream, chunk) => output.write(stream, chunk),
        started: async (handle) => task.started(handle),
      });
    } finally {
      notes = output.close();
    }
    return refusal ?? withNotes(exit, notes);
  }

  async #lose(unknown: UnknownTask, task: KeptTask): Promise<Exit> {
    const { clock, isForeignAlive } = this.#options;
    await outlast(unknown, this.#search, isForeignAlive, task.signal, clock);
    return endLost(unknown, this.#search, clock);
  }
}

/** Our own trouble, such as named pipes that cannot be made, told as the end of the task it hit. */
function brokenEnd(error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return failure('driver_error', `${error instanceof Error ? error.message : String(error)}${cause}`);
}

function withNotes(exit: Exit, notes: readonly string[]): Exit {
  if (notes.length === 0 || exit.kind === 'failed') return exit;
  return { ...exit, notes: [...(exit.notes ?? []), ...notes] };
}
