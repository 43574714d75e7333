import { DEFAULT_PATH, findProgram } from '../util/find-program.ts';
import { loadPosixSpawn, type PosixSpawn } from './posix-spawn.ts';
import type { Start } from './starter.ts';
import { type Ended, TaskProcess } from './task-process.ts';

/** How often ends are looked for without a signal, in ms. The timer is there to keep this process alive while a task runs. */
const LOOK_MS = 60_000;

/** A faster starter, or undefined where this machine has none. */
export async function loadPosixStarter(): Promise<PosixStarter | undefined> {
  const posix = await loadPosixSpawn();
  return posix && new PosixStarter(posix);
}

/**
 * Starts programs by posix_spawn(3), which shares the memory of this process with the new one instead of copying its page tables: a start
 * costs half as much, and no more when this process has grown. Their ends are announced by SIGCHLD; libuv, which listens to it as
 * well, asks after its own processes only.
 */
export class PosixStarter {
  readonly #posix: PosixSpawn;
  readonly #running = new Map<number, (ended: Ended) => void>();
  readonly #collect = (): void => {
    for (const [pid, tell] of this.#running) {
      const ended = this.#posix.collect(pid);
      if (ended) this.#over(pid, tell, ended);
    }
  };
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(posix: PosixSpawn) {
    this.#posix = posix;
    process.on('SIGCHLD', this.#collect);
  }

  /** undefined when it has not started, for whatever reason. */
  start(start: Start): TaskProcess | undefined {
    const path = programOf(start);
    if (path === undefined || start.cwd.includes('\0')) return undefined;
    const pid = this.#posix.spawn(path, start);
    if (pid === undefined) return undefined;
    this.#keepAlive ??= setInterval(this.#collect, LOOK_MS);
    return new TaskProcess(pid, new Promise((resolve) => this.#running.set(pid, resolve)));
  }

  close(): void {
    process.off('SIGCHLD', this.#collect);
  }

  #over(pid: number, tell: (ended: Ended) => void, ended: Ended): void {
    this.#running.delete(pid);
    if (this.#running.size === 0) {
      clearInterval(this.#keepAlive);
      this.#keepAlive = undefined;
    }
    tell(ended);
  }
}

/** The file to execute. None where that hangs on folders of PATH that are relative, as they are to the working folder of the task. */
function programOf({ argv: [command], env: { PATH = DEFAULT_PATH } }: Start): string | undefined {
  if (command.includes('/')) return command;
  return PATH.split(':').every((folder) => folder.startsWith('/')) ? findProgram(command, PATH) : undefined;
}
