import { type ChildProcess, spawn as startProcess } from 'node:child_process';
import { once } from 'node:events';
import { shieldedStdio } from './descriptors.ts';
import type { Start } from './starter.ts';
import { type Ended, TaskProcess } from './task-process.ts';

/** Starts programs by node:child_process, which works everywhere and copies the page tables of this process for each. */
export class NodeStarter {
  /** Entries for the descriptors from 3 on. */
  readonly #shield = shieldedStdio();

  /** Returns the system's refusal, which comes partly by a throw and partly by an event. */
  async start({ argv, env, cwd, stdout, stderr }: Start): Promise<TaskProcess | Error> {
    const [command, ...args] = argv;
    let child: ChildProcess;
    try {
      child = startProcess(command, args, {
        env,
        cwd,
        stdio: ['ignore', stdout, stderr, ...this.#shield],
        detached: true,
      });
    } catch (error) {
      if (error instanceof Error) return error;
      throw error;
    }
    if (child.pid !== undefined) return new TaskProcess(child.pid, endOf(child));
    const [error] = await once(child, 'error');
    return error;
  }
}

function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'signaled', signal });
    });
  });
}
