import { chmodSync, linkSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { socketPlace } from '../util/socket-place.ts';
import { VERSION } from './protocol.ts';

/**
 * Sockets of successive executors: `socket.1`, `socket.2` … Only the newest can be alive, for each found its predecessor dead. It
 * stays when its executor ends, so that no number is used twice.
 */
const SOCKET = /^socket\.(\d{1,9})$/;

/** Folders of executors that speak other versions of the protocol. */
const VERSION_FOLDER = /^v\d+$/;

/** Where executors of this version keep their files, below the folder for all of them; made private when it is missing. */
export function makePlace(folder: string): string {
  const place = placeOf(folder);
  for (const path of [folder, place]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  }
  return place;
}

/** Connects to the living executor of this version; null when there is none. @throws when that cannot be told */
export function reachExecutor(folder: string): Promise<Socket | null> {
  const place = placeOf(folder);
  return reach(place, newest(place));
}

/** Whether an executor that speaks another version of the protocol lives beside. */
export async function hasForeignExecutor(folder: string): Promise<boolean> {
  const own = placeOf(folder);
  for (const name of list(folder).filter((entry) => VERSION_FOLDER.test(entry))) {
    const place = join(folder, name);
    if (place !== own && (await answers(place, newest(place)))) return true;
  }
  return false;
}

/**
 * Makes a listening server the executor of a place, unless there is a living one: then returns null. Returns the path of the
 * socket. The server listens under a name of its own before it gets, in one step, the name that only one can have.
 */
export async function claim(server: Server, place: string): Promise<string | null> {
  const own = `starting.${process.pid}`;
  rmSync(join(place, own), { force: true });
  await listen(server, place, own);
  try {
    for (;;) {
      const before = newest(place);
      if (await answers(place, before)) return null;
      const path = socketPath(place, before + 1);
      if (!tryLink(join(place, own), path)) continue;
      if (newest(place) === before + 1) {
        removeUpTo(place, before);
        return path;
      }
      // It had been used and cleared away since we looked.
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(join(place, own), { force: true });
  }
}

/** Whether a file still stands at its path. */
export function isFileAt(path: string, inode: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === inode;
}

function placeOf(folder: string): string {
  return join(folder, `v${VERSION}`);
}

async function answers(place: string, generation: number): Promise<boolean> {
  const socket = await reach(place, generation);
  socket?.destroy();
  return socket !== null;
}

/** What connecting says where nobody listens, or where the listener dies that very moment. */
const DEAD: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT']);

/** null when it is dead, or when there is none of that number. */
async function reach(place: string, generation: number): Promise<Socket | null> {
  if (generation === 0) return null;
  const at = socketPlace(place, socketName(generation));
  const socket = connect(at.path);
  return new Promise<Socket | null>((resolve, reject) => {
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      if ('code' in error && DEAD.has(String(error.code))) resolve(null);
      else reject(error);
    });
  }).finally(() => at.close());
}

function listen(server: Server, place: string, name: string): Promise<void> {
  const at = socketPlace(place, name);
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.path, () => {
      chmodSync(join(place, name), 0o600);
      resolve();
    });
  }).finally(() => at.close());
}

/** False when another has that name. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function removeUpTo(place: string, last: number): void {
  for (const dead of generations(place).filter((generation) => generation <= last)) {
    rmSync(socketPath(place, dead), { force: true });
  }
}

function socketPath(place: string, generation: number): string {
  return join(place, socketName(generation));
}

function socketName(generation: number): string {
  return `socket.${generation}`;
}

/** 0 while there is none. */
function newest(place: string): number {
  return Math.max(0, ...generations(place));
}

function generations(place: string): number[] {
  return list(place).flatMap((name) => Number(SOCKET.exec(name)?.[1] ?? 0) || []);
}

/** Empty when there is no such folder. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
