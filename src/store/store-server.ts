import { chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../model/ports.ts';
import type { ResultStore } from '../model/store.ts';
import { makeFolder } from '../util/make-folder.ts';
import { socketPlace } from '../util/socket-place.ts';
import { LevelStore } from './level-store.ts';
import { SOCKET_NAME } from './store-connection.ts';
import { StoreSession } from './store-session.ts';

/** How often a server looks whether it can still be found, in ms. */
const LOOK_MS = 2_000;

/** What serving a store takes from outside. */
export interface ServeOptions {
  /** The folder of the store, absolute; made private when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  /** How long to stay without any client, in ms. */
  readonly idleMs: number;
  /** Ends it when it aborts. */
  readonly signal: AbortSignal;
  /** Told once clients can connect. */
  ready(): void;
  /** Called before the store is left, when nobody has asked for a while. Clients may come back meanwhile; then again. */
  tidy(store: ResultStore): Promise<void>;
}

/**
 * Serves the store of a folder to other processes until nobody has asked for a while. The lock of the database decides who
 * serves: whoever holds it may replace the socket. Resolves with false when another process holds it. @throws when the store
 * cannot be opened
 */
export async function serveStore(options: ServeOptions): Promise<boolean> {
  makeFolder(options.folder);
  chmodSync(options.folder, 0o700);
  const store = await openCacheDatabase(join(options.folder, 'db'));
  if (store === null) return false;
  try {
    await serve(store, options);
  } finally {
    await store.close();
  }
  return true;
}

/** Opens the database of a cache. A damaged one is made anew: it is a cache. Null when another process has it open. */
export async function openCacheDatabase(folder: string): Promise<LevelStore | null> {
  try {
    return await LevelStore.open(folder);
  } catch (error) {
    const code = causeCode(error);
    if (code === 'LEVEL_LOCKED') return null;
    if (code !== 'LEVEL_CORRUPTION' && code !== 'LEVEL_IO_ERROR') throw error;
  }
  rmSync(folder, { recursive: true, force: true });
  return LevelStore.open(folder);
}

function causeCode(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

async function serve(store: LevelStore, options: ServeOptions): Promise<void> {
  const clients = new Clients(options.clock);
  const server = createServer((socket) => {
    new StoreSession(store, socket);
    clients.add(socket);
  });
  const path = join(options.folder, SOCKET_NAME);
  await listen(server, options.folder, path);
  const { ino } = statSync(path);
  const isFound = (): boolean => statSync(path, { throwIfNoEntry: false })?.ino === ino;
  options.ready();
  do {
    await clients.untilIdle(isFound, options);
    if (isFound() && !options.signal.aborted) await options.tidy(store);
  } while (isFound() && clients.isAnybodyThere && !options.signal.aborted);
  // Taken out of the folder first: nobody may find a socket that is about to be closed.
  if (isFound()) rmSync(path, { force: true });
  await new Promise((closed) => {
    server.close(closed);
    clients.dismiss();
  });
}

/** Bound under a name of its own and then renamed, so that a socket of the usual name always answers. */
async function listen(server: Server, folder: string, path: string): Promise<void> {
  const own = `${SOCKET_NAME}.${process.pid}`;
  rmSync(join(folder, own), { force: true });
  const place = socketPlace(folder, own);
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(place.path, listening);
  });
  chmodSync(join(folder, own), 0o600);
  renameSync(join(folder, own), path);
}

/** Who is connected, and since when nobody is. */
class Clients {
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  #idleSince: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#idleSince = clock.monotonic();
  }

  get isAnybodyThere(): boolean {
    return this.#sockets.size > 0;
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#idleSince = this.#clock.monotonic();
    });
  }

  /** Resolves once nobody has been here for the time given, nobody is here and nobody can come any more, or at the signal. */
  async untilIdle(isFound: () => boolean, { idleMs, signal }: ServeOptions): Promise<void> {
    while (!signal.aborted) {
      await this.#pause(Math.min(LOOK_MS, idleMs), signal);
      if (this.#sockets.size > 0) continue;
      if (this.#clock.monotonic() - this.#idleSince >= idleMs || !isFound()) return;
    }
  }

  dismiss(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        callOff();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const callOff = this.#clock.after(ms, wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
