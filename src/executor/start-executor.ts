import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../model/ports.ts';
import { pause } from '../util/clock.ts';
import { nullStdio } from './descriptors.ts';
import { makePlace } from './executor-place.ts';

/** How to start an executor: folder and umask are added to `argv`. */
export interface ExecutorCommand {
  readonly argv: readonly [string, ...string[]];
  /** Its whole environment. Its PATH must lead to `mkfifo`. */
  readonly env: Readonly<Record<string, string>>;
}

/** For V8: a small young generation, which keeps the process small after many tasks (64 MB after 6,000, 70 with one of 4 MB). */
const ENGINE_FLAGS = ['--max-semi-space-size=1'];

/** How to start the executor that stands in a script; `path` is where it looks for `mkfifo`. */
export function executorCommand(script: string, path: string): ExecutorCommand {
  return { argv: [process.execPath, ...ENGINE_FLAGS, script], env: { PATH: path } };
}

/** What an executor prints when it can be reached. */
export const READY = 'ready\n';

/** The exit code of an executor that found another one in its place. */
export const EXIT_SERVED = 75;

/** How soon to look again when another executor has just begun, or is just ending, in ms. */
const LOOK_AGAIN_MS = 20;

/** What the file for its errors may hold of former ones, in bytes. */
const MOST_ERROR_BYTES = 64 * 1024;

/**
 * Starts an executor in a session of its own and with nothing of ours: no folder, no descriptor, no variable that is not asked
 * for. Resolves once there is one worth trying to reach. @throws when it cannot be started
 */
export async function startExecutor(
  { argv: [program, ...args], env }: ExecutorCommand,
  folder: string,
  umask: number,
  clock: Clock,
  patienceMs: number,
): Promise<void> {
  const path = errorPath(folder);
  const errors = openErrors(path);
  const stdio = nullStdio();
  const child = spawn(program, [...args, folder, umask.toString(8)], {
    detached: true,
    cwd: '/',
    env,
    stdio: ['ignore', 'pipe', errors, ...stdio],
  });
  for (const descriptor of new Set([errors, ...stdio])) closeSync(descriptor);
  const callOff = clock.after(patienceMs, () => child.kill('SIGKILL'));
  try {
    const ended = await readyOrEnded(child);
    if (ended === null) return;
    if (ended !== EXIT_SERVED) throw new Error(`the executor ended with ${ended}: ${readErrors(folder)}`);
    await pause(clock, LOOK_AGAIN_MS);
  } finally {
    callOff();
    child.stdout?.destroy();
    child.unref();
  }
}

/** The last words of the executors of a folder, empty where there are none. */
export function readErrors(folder: string): string {
  try {
    return readFileSync(errorPath(folder), 'utf8').trim().slice(-1000);
  } catch {
    return '';
  }
}

function errorPath(folder: string): string {
  return join(makePlace(folder), 'errors');
}

/** Their order tells what happened, so it is only cleared when it has grown long. */
function openErrors(path: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
  const file = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  if (fstatSync(file).size > MOST_ERROR_BYTES) ftruncateSync(file);
  return file;
}

/** null once it is ready, else its exit code or signal. */
function readyOrEnded(child: ChildProcess): Promise<number | string | null> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().endsWith(READY)) resolve(null);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? ''));
  });
}
