import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../model/ports.ts';
import { pause } from '../util/clock.ts';

/** How to serve a store until it is idle. It prints `READY` once it can be reached. */
export interface StoreCommand {
  readonly argv: readonly [string, ...string[]];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a store process prints when it can be reached. */
export const READY = 'ready\n';

/** The exit code of a store process that found the store served by another. */
export const EXIT_SERVED = 75;

/** How soon to look again when another process is just about to serve the store, or to stop serving it, in ms. */
const LOOK_AGAIN_MS = 20;

/**
 * Starts a store process, in a session of its own and with nothing of ours: no folder, no descriptor, no
 * variable that is not asked for. Resolves once
 * there is a process worth trying to reach. @throws when it cannot be started
 */
export async function startStore({ argv, env }: StoreCommand, clock: Clock, patienceMs: number): Promise<void> {
  const [program, ...args] = argv;
  const child = spawn(program, args, { detached: true, cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] });
  const callOff = clock.after(patienceMs, () => child.kill('SIGKILL'));
  try {
    const ended = await readyOrEnded(child);
    if (ended === null) return;
    if (ended.code !== EXIT_SERVED) throw new Error(`the store process ended with ${ended.code}: ${ended.said}`);
    await pause(clock, LOOK_AGAIN_MS);
  } finally {
    callOff();
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
  }
}

/** How a store process ended, and what it said about it. */
interface Ended {
  readonly code: number | string;
  readonly said: string;
}

function readyOrEnded(child: ChildProcess): Promise<Ended | null> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().endsWith(READY)) resolve(null);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(0, 1000);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? '', said: said.trim() }));
  });
}
