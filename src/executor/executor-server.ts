import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../model/ports.ts';
import { EndFile } from './end-file.ts';
import { claim, hasForeignExecutor, makePlace } from './executor-place.ts';
import { ExecutorSession } from './executor-session.ts';
import { createSpawner, type LocalSpawner } from './spawner.ts';
import { TaskTable } from './task-table.ts';

/** What an executor takes from outside. */
export interface ExecutorOptions {
  /** The folder of the executors of all versions, absolute; made private when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  /** How long to stay without any task and client, in ms. */
  readonly idleMs: number;
  /** When it aborts, that is no longer waited for. A task or a client still is. */
  readonly signal: AbortSignal;
  /** Told once clients can connect. */
  ready(): void;
}

/**
 * Owns tasks for other processes until it is stopped, or idle. Resolves with false when there is another executor for the
 * folder. @throws when the folder cannot be used
 */
export async function serveExecutor(options: ExecutorOptions): Promise<boolean> {
  const place = makePlace(options.folder);
  const server = createServer();
  if ((await claim(server, place)) === null) {
    server.close();
    return false;
  }
  // Nothing has been accepted yet: this runs on without a turn of the event loop.
  const executor = new Executor(server, place, options);
  options.ready();
  await executor.over;
  await executor.close();
  return true;
}

class Executor {
  /** Resolves when it is no longer needed. */
  readonly over: Promise<void>;
  readonly #server: Server;
  readonly #options: ExecutorOptions;
  readonly #spawner: LocalSpawner;
  readonly #ends: EndFile;
  readonly #tasks: TaskTable;
  readonly #sessions = new Map<Socket, ExecutorSession>();
  #isStopping = false;
  #callOffIdle = (): void => {};
  #end = (): void => {};

  constructor(server: Server, place: string, options: ExecutorOptions) {
    const { clock, folder, signal } = options;
    const fifoDir = join(place, 'fifos');
    rmSync(fifoDir, { recursive: true, force: true });
    this.#server = server;
    this.#options = options;
    this.#spawner = createSpawner({ fifoDir, clock, handles: true });
    this.#ends = new EndFile(join(place, 'ends'), clock, (message) => this.#tellAll(message));
    this.#tasks = new TaskTable({
      spawner: this.#spawner,
      ends: this.#ends,
      clock,
      isForeignAlive: () => hasForeignExecutor(folder),
      onEmpty: () => this.#reconsider(),
    });
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
    server.on('connection', (socket: Socket) => this.#accept(socket));
    signal.addEventListener('abort', () => this.#reconsider());
    this.#reconsider();
  }

  /** Says good-bye and leaves nothing but the ends of tasks. */
  async close(): Promise<void> {
    this.#callOffIdle();
    this.#server.close();
    await this.#spawner.close();
    this.#ends.close();
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }

  #accept(socket: Socket): void {
    this.#sessions.set(socket, new ExecutorSession(socket, this.#tasks, (graceMs) => this.#stop(graceMs)));
    socket.on('close', () => {
      this.#sessions.delete(socket);
      this.#reconsider();
    });
    this.#reconsider();
  }

  #stop(graceMs: number): void {
    this.#isStopping = true;
    this.#tasks.close(graceMs);
    this.#reconsider();
  }

  /** Whether it is still needed, whenever that may have changed. */
  #reconsider(): void {
    this.#callOffIdle();
    if (!this.#tasks.isEmpty) return;
    const isUnwanted = this.#isStopping || (this.#sessions.size === 0 && this.#options.signal.aborted);
    if (isUnwanted) this.#end();
    else if (this.#sessions.size === 0) {
      this.#callOffIdle = this.#options.clock.after(this.#options.idleMs, this.#end);
    }
  }

  #tellAll(message: string): void {
    for (const session of this.#sessions.values()) session.send({ type: 'problem', message });
  }
}
