import type { Handle } from '../model/event.ts';
import type { Clock, Spawn, Spawner, SpawnIO } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import { pause } from '../util/clock.ts';
import { ExecutorConnection } from './executor-connection.ts';
import { reachExecutor } from './executor-place.ts';
import type { Message, Request, RunningTask } from './protocol.ts';
import { RemoteTask } from './remote-task.ts';
import { type ExecutorCommand, readErrors, startExecutor } from './start-executor.ts';

/** What it takes to have tasks executed by another process. */
export interface RemoteSpawnerOptions {
  /** The folder of the executor, absolute and private; made when it is missing. */
  readonly folder: string;
  readonly command: ExecutorCommand;
  /** The umask of tasks. */
  readonly umask: number;
  readonly clock: Clock;
  /** Is told, in words, of what went wrong with the executor itself. */
  onProblem(message: string): void;
}

/**
 * Starts processes through an executor, which outlives this process. It needs a `capture` for each. When the executor dies, a new
 * one is started, and its tasks end as it had written down, or `lost` once nothing is left of them.
 */
export interface RemoteSpawner extends Spawner {
  /** The executor's pid, null while there is no line to it. */
  readonly pid: number | null;
  attend(mark: string, handle: Handle | null, io: SpawnIO): Promise<Exit>;
  /** Kills every process that carries the mark (`NAME=value`). Returns the pids that would not go; usually none. */
  sweep(mark: string): Promise<readonly number[]>;
  /** What runs at the executor, whoever started it. */
  list(): Promise<readonly RunningTask[]>;
  /** The end of this task is durable elsewhere and need not be kept. */
  forget(mark: string): void;
  /** The end of this run is durable elsewhere: its ends and secrets need not be kept. */
  releaseRun(runId: string): void;
  /** Leaves the executor, which goes on with its tasks. What waits for a task here waits for ever. */
  close(): void;
  /** Ends all tasks of the executor, with this grace, and then the executor. Resolves once it is gone. */
  stop(graceMs: number): Promise<void>;
}

/** Joins the executor of a folder, or starts one. @throws when that cannot be done */
export async function connectExecutor(options: RemoteSpawnerOptions): Promise<RemoteSpawner> {
  const spawner = new ExecutorClient(options);
  await spawner.connect();
  return spawner;
}

/** The end of a task that was ended before it began. */
const NEVER_STARTED: Exit = { kind: 'signaled', signal: 'SIGTERM', notes: ['ended before it started'] };

/** How long an executor may take to start, in ms. */
const START_MS = 20_000;

/** How often to try: others may start one, or one may be just ending. */
const TRIES = 5;

/** How soon to try again to take up tasks that are waited for, in ms. */
const TRY_AGAIN_MS = 1_000;

class ExecutorClient implements RemoteSpawner {
  readonly #options: RemoteSpawnerOptions;
  readonly #tasks = new Map<string, RemoteTask>();
  /** Requests that wait for an answer of their own, by number. */
  readonly #asked = new Map<number, (answer: Message | null) => void>();
  /** What no line could take yet. */
  readonly #later: Request[] = [];
  #line: ExecutorConnection | null = null;
  #connecting: Promise<void> | null = null;
  #nextId = 1;
  #isClosed = false;
  /** Called when the executor has gone after it was asked to. */
  #stopped: (() => void) | null = null;

  constructor(options: RemoteSpawnerOptions) {
    this.#options = options;
  }

  async run(spawn: Spawn, io: SpawnIO): Promise<Exit> {
    const { capture } = io;
    if (!capture) throw new Error('Internal error: a task of the executor needs a capture');
    if (io.signal.aborted) return NEVER_STARTED;
    return this.#follow(spawn.mark, null, io, { type: 'start', spawn, capture });
  }

  attend(mark: string, handle: Handle | null, io: SpawnIO): Promise<Exit> {
    return this.#follow(mark, handle, io, { type: 'attend', mark, handle });
  }

  async sweep(mark: string): Promise<readonly number[]> {
    const answer = await this.#ask((id) => ({ type: 'sweep', id, mark }));
    return answer.type === 'swept' ? answer.left : [];
  }

  get pid(): number | null {
    return this.#line?.pid ?? null;
  }

  async list(): Promise<readonly RunningTask[]> {
    const answer = await this.#ask((id) => ({ type: 'list', id }));
    return answer.type === 'listed' ? answer.running : [];
  }

  forget(mark: string): void {
    this.#sendLater({ type: 'forget', mark });
  }

  releaseRun(runId: string): void {
    this.#sendLater({ type: 'release', runId });
  }

  close(): void {
    this.#isClosed = true;
    this.#line?.close();
  }

  async stop(graceMs: number): Promise<void> {
    await this.connect();
    const gone = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    this.#send({ type: 'stop', graceMs });
    await gone;
    this.close();
  }

  /** Comes back at once while there is a line. @throws when there is no executor and none can be started */
  async connect(): Promise<void> {
    if (this.#line !== null) return;
    this.#connecting ??= this.#reach().finally(() => {
      this.#connecting = null;
    });
    await this.#connecting;
  }

  async #reach(): Promise<void> {
    const { folder, command, umask, clock } = this.#options;
    for (let tries = 0; tries < TRIES && !this.#isClosed; tries++) {
      const socket = await reachExecutor(folder);
      if (socket === null) {
        await startExecutor(command, folder, umask, clock, START_MS);
        continue;
      }
      this.#line = await ExecutorConnection.open(socket, clock, {
        message: (message) => this.#hear(message),
        closed: (line) => this.#lostLine(line),
      });
      if (this.#line === null) continue;
      for (const request of this.#later.splice(0)) this.#send(request);
      return;
    }
    throw new Error(`the executor in ${folder} cannot be reached`);
  }

  #send(request: Request): void {
    this.#line?.send(request);
  }

  /** Waits for the next line while there is none. */
  #sendLater(request: Request): void {
    if (this.#line === null) this.#later.push(request);
    else this.#send(request);
  }

  async #follow(mark: string, handle: Handle | null, io: SpawnIO, request: Request): Promise<Exit> {
    if (this.#tasks.has(mark)) throw new Error(`Internal error: two tasks with the mark ${mark}`);
    const task = new RemoteTask(mark, handle, io, (wish) => this.#send(wish));
    this.#tasks.set(mark, task);
    try {
      if (this.#line === null) await this.connect();
      if (request.type === 'start' && io.signal.aborted) return NEVER_STARTED;
      task.begin(request);
      return await task.ended;
    } finally {
      this.#tasks.delete(mark);
    }
  }

  async #ask(request: (id: number) => Request): Promise<Message> {
    for (;;) {
      await this.connect();
      const id = this.#nextId++;
      const answer = await new Promise<Message | null>((resolve) => {
        this.#asked.set(id, resolve);
        this.#send(request(id));
      });
      this.#asked.delete(id);
      if (answer !== null) return answer;
    }
  }

  #hear(message: Message): void {
    switch (message.type) {
      case 'started':
        this.#tasks.get(message.mark)?.started(message.handle);
        return;
      case 'ended':
        this.#tasks.get(message.mark)?.finish(message.exit);
        return;
      case 'refused':
        this.#tasks.get(message.mark)?.refuse(message.message);
        return;
      case 'listed':
      case 'swept':
        this.#asked.get(message.id)?.(message);
        return;
      case 'problem':
        this.#options.onProblem(message.message);
        return;
      case 'welcome':
        return;
    }
  }

  #lostLine(line: ExecutorConnection): void {
    this.#line = null;
    if (this.#stopped !== null) {
      this.#stopped();
      return;
    }
    if (this.#isClosed) return;
    const words = readErrors(this.#options.folder);
    this.#options.onProblem(
      `the line to the executor (pid ${line.pid}) was cut${words && `; its last words: ${words}`}`,
    );
    for (const answer of this.#asked.values()) answer(null);
    void this.#resume();
  }

  /** Takes up at another executor, or over another line, what is waited for. A task that begins meanwhile does so there. */
  async #resume(): Promise<void> {
    const waiting = [...this.#tasks.values()];
    while (waiting.length > 0 && !this.#isClosed) {
      try {
        await this.connect();
        break;
      } catch (error) {
        this.#options.onProblem(`the tasks of the executor cannot be taken up yet: ${String(error)}`);
        await pause(this.#options.clock, TRY_AGAIN_MS);
      }
    }
    for (const task of waiting) task.resume();
  }
}
