import { closeSync } from 'node:fs';
import type { Clock, Spawn } from '../model/ports.ts';
import { pause } from '../util/clock.ts';
import type { FifoPool, OpenFifo } from './fifo-pool.ts';
import type { Failure } from './limits.ts';
import { argumentsFor } from './other-user.ts';
import { checkStart, explainFailure, isShortage } from './spawn-failure.ts';
import type { Starter } from './starter.ts';
import { TaskProcess } from './task-process.ts';

/** Waits before the second, third and fourth try when the machine is short of something, in ms. */
const BACK_OFF_MS = [50, 250, 1_000];

/** A task that runs; its output waits in the FIFOs. */
export interface Launched {
  readonly kind: 'launched';
  readonly task: TaskProcess;
  readonly stdout: OpenFifo;
  readonly stderr: OpenFifo;
}

/** What a start needs besides what is to be started. */
export interface LaunchTools {
  readonly pool: FifoPool;
  readonly clock: Clock;
  readonly starter: Starter;
}

/** Starts a process in a session and group of its own. When the machine is short of something, tries again a little later. */
export async function launch(spawn: Spawn, tools: LaunchTools, signal: AbortSignal): Promise<Launched | Failure> {
  // Through the program that changes the user, the system's own answer would come too late to be told apart.
  const problem = spawn.user === undefined ? undefined : checkStart(spawn);
  if (problem !== undefined) return problem;
  for (let tries = 0; ; tries++) {
    const result = await tryLaunch(spawn, tools);
    if (!(result instanceof Error)) return result;
    const wait = BACK_OFF_MS[tries];
    if (wait === undefined || !isShortage(result) || signal.aborted) return explainFailure(result, spawn);
    await pause(tools.clock, wait);
  }
}

/** Returns the system's refusal. @throws when our own FIFOs cannot be made for another reason than a shortage */
async function tryLaunch(spawn: Spawn, { pool, starter }: LaunchTools): Promise<Launched | Error> {
  const open: OpenFifo[] = [];
  try {
    const stdout = await openInto(open, pool, spawn);
    const stderr = await openInto(open, pool, spawn);
    const { env, cwd } = spawn;
    const argv = argumentsFor(spawn);
    const task = await starter.start({ argv, env, cwd, stdout: stdout.writer, stderr: stderr.writer });
    if (task instanceof TaskProcess) return { kind: 'launched', task, stdout, stderr };
    release(open, pool);
    return task;
  } catch (error) {
    release(open, pool);
    if (error instanceof Error && isShortage(error)) return error;
    throw error;
  } finally {
    for (const fifo of open) closeSync(fifo.writer);
  }
}

async function openInto(open: OpenFifo[], pool: FifoPool, { user }: Spawn): Promise<OpenFifo> {
  const fifo = await pool.open(user);
  open.push(fifo);
  return fifo;
}

function release(open: readonly OpenFifo[], pool: FifoPool): void {
  for (const fifo of open) pool.giveBack(fifo);
}
