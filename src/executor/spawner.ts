import type { Handle } from '../model/event.ts';
import type { Clock, DriverIO, EndRequest, Spawn, Spawner } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import { endTask, sweep } from './ending.ts';
import { FifoPool } from './fifo-pool.ts';
import { type Launched, type LaunchTools, launch } from './launch.ts';
import { checkSize } from './limits.ts';
import { MarkSearch } from './mark-search.ts';
import { processHandle, readBootId } from './process-table.ts';
import { createStarter, type Starter } from './starter.ts';
import { TaskOutput } from './task-output.ts';
import type { TaskProcess } from './task-process.ts';

/** What a spawner takes from outside. */
export interface SpawnerOptions {
  /** A folder of its own for named pipes; made when first needed, removed by `close`. */
  readonly fifoDir: string;
  readonly clock: Clock;
  /** Whether handles say when a process started. That costs a look into /proc per task; who never looks for a process again can do without. */
  readonly handles: boolean;
  /** After how many starts the faster way of starting is made ready; left out, when that is worth it. */
  readonly fastAfter?: number;
}

/** Starts processes as children of this one. */
export interface LocalSpawner extends Spawner {
  /** Kills every process that carries the mark (`NAME=value`). Returns the pids that would not go; usually none. */
  sweep(mark: string): Promise<readonly number[]>;
  /** Begins to make what the first tasks will need, ahead of them. */
  prepare(): void;
  /** Removes what it made on disk. No task may be running. */
  close(): Promise<void>;
}

/** What `run` asks of its caller. */
type TaskIO = Pick<DriverIO, 'signal' | 'write' | 'started'>;

/** The end of a task that was ended before it began. */
const NEVER_STARTED: Exit = { kind: 'signaled', signal: 'SIGTERM', notes: ['ended before it started'] };

/** How a task is ended when its output or its start cannot be recorded. */
const AT_ONCE: EndRequest = { graceMs: 0, hurry: AbortSignal.abort() };

/** Makes a spawner that starts tasks as children of this process. */
export function createSpawner(options: SpawnerOptions): LocalSpawner {
  return new ChildSpawner(options);
}

class ChildSpawner implements LocalSpawner {
  readonly #clock: Clock;
  readonly #pool: FifoPool;
  readonly #tools: LaunchTools;
  readonly #starter: Starter;
  readonly #search = new MarkSearch();
  readonly #describe: (task: TaskProcess) => Handle;

  constructor({ fifoDir, clock, handles, fastAfter }: SpawnerOptions) {
    this.#clock = clock;
    this.#pool = new FifoPool(fifoDir);
    this.#starter = createStarter(fastAfter);
    this.#tools = { pool: this.#pool, clock, starter: this.#starter };
    const bootId = handles ? readBootId() : '';
    this.#describe = handles
      ? ({ pid }) => processHandle(pid, bootId)
      : ({ pid }) => ({ kind: 'process', pid, startTime: '', bootId });
  }

  async run(spawn: Spawn, io: TaskIO): Promise<Exit> {
    if (io.signal.aborted) return NEVER_STARTED;
    const launched = checkSize(spawn) ?? (await launch(spawn, this.#tools, io.signal));
    return launched.kind === 'failed' ? launched : this.#attend(launched, spawn.mark, io);
  }

  sweep(mark: string): Promise<readonly number[]> {
    return sweep(mark, this.#search, this.#clock);
  }

  prepare(): void {
    this.#pool.prepare();
  }

  close(): Promise<void> {
    this.#starter.close();
    return this.#pool.close();
  }

  /** From the start of a task to the end of all it started. */
  async #attend({ task, stdout, stderr }: Launched, mark: string, io: TaskIO): Promise<Exit> {
    const output = new TaskOutput(this.#pool, this.#clock, stdout, stderr, io);
    const recorded = Promise.all([this.#announce(task, io), output.closed]);
    const wish = new EndWish(io.signal, recorded);
    const remains = await this.#seeOut(task, mark, output, wish.made);
    wish.dispose();
    await recorded;
    return describeEnd(task, remains);
  }

  /** `async` so that a throw becomes a rejection, which ends the task. */
  async #announce(task: TaskProcess, io: TaskIO): Promise<void> {
    await io.started(this.#describe(task));
  }

  async #seeOut(task: TaskProcess, mark: string, output: TaskOutput, wish: Promise<EndRequest>): Promise<Remains> {
    let finished: Promise<boolean> | undefined;
    let request = await Promise.race([task.exited.then(nothing), wish]);
    if (request === undefined) {
      task.signalGroup('SIGKILL');
      finished = output.finish();
      request = await Promise.race([finished.then(nothing), wish]);
    }
    const leftovers = request === undefined ? [] : await endTask(task, mark, request, this.#clock);
    return { leftovers, heldOpen: await (finished ?? output.finish()) };
  }
}

/** What a task left behind. */
interface Remains {
  /** Pids that did not go. */
  readonly leftovers: readonly number[];
  /** Whether somebody still held its output open. */
  readonly heldOpen: boolean;
}

/** Somebody's wish that the task ends: the caller's, or our own when the start or the output cannot be recorded. */
class EndWish {
  readonly made: Promise<EndRequest>;
  readonly #signal: AbortSignal;
  #onAbort = (): void => {};

  constructor(signal: AbortSignal, recorded: Promise<unknown>) {
    this.#signal = signal;
    this.made = new Promise((resolve) => {
      this.#onAbort = () => resolve(signal.reason);
      if (signal.aborted) this.#onAbort();
      signal.addEventListener('abort', this.#onAbort, { once: true });
      recorded.catch(() => resolve(AT_ONCE));
    });
  }

  dispose(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

async function describeEnd(task: TaskProcess, { leftovers, heldOpen }: Remains): Promise<Exit> {
  const notes: string[] = [];
  if (leftovers.length > 0) notes.push(`leftovers: ${leftovers.join(', ')}`);
  if (heldOpen) notes.push('output_held_open');
  const end: Exit = leftovers.includes(task.pid) ? { kind: 'signaled', signal: 'SIGKILL' } : await task.exited;
  return notes.length === 0 ? end : { ...end, notes };
}

function nothing(): undefined {
  return undefined;
}
