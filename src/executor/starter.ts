import type { Spawn } from '../model/ports.ts';
import { NodeStarter } from './node-starter.ts';
import { loadPosixStarter, type PosixStarter } from './posix-starter.ts';
import type { TaskProcess } from './task-process.ts';

/** A program to start in a session of its own, and the ends of pipes it writes to. */
export interface Start extends Pick<Spawn, 'argv' | 'env' | 'cwd'> {
  readonly stdout: number;
  readonly stderr: number;
}

/** Starts programs. */
export interface Starter {
  /** Returns the system's refusal. */
  start(start: Start): Promise<TaskProcess | Error>;
  /** To be called once no task is running. */
  close(): void;
}

/** After so many starts the faster way, which takes 15 ms to load and saves half of one a start, has paid. */
const WORTH_IT = 32;

/**
 * Starts the first programs by Node's own means, and once there are many of them by posix_spawn, where the machine offers it. `fastAfter` is
 * how many that is.
 */
export function createStarter(fastAfter: number = WORTH_IT): Starter {
  return new ThriftyStarter(fastAfter);
}

class ThriftyStarter implements Starter {
  readonly #node = new NodeStarter();
  readonly #fastAfter: number;
  #count = 0;
  #loading: Promise<PosixStarter | undefined> | undefined;

  constructor(fastAfter: number) {
    this.#fastAfter = fastAfter;
  }

  /** What the faster way cannot do is left to Node's, whose errors are the ones that are explained. */
  async start(start: Start): Promise<TaskProcess | Error> {
    if (this.#count++ >= this.#fastAfter) this.#loading ??= loadPosixStarter();
    const posix = await this.#loading;
    return posix?.start(start) ?? this.#node.start(start);
  }

  close(): void {
    void this.#loading?.then((posix) => posix?.close());
  }
}
