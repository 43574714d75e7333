/** How a process ended. */
export type Ended =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: string };

/** A started process that leads its own group. */
export class TaskProcess {
  readonly pid: number;
  /** Never rejects. */
  readonly exited: Promise<Ended>;
  #isOver = false;
  /** Its number may belong to somebody else by now, so it is never signalled again. */
  #isGroupGone = false;

  /** `exited` resolves when the process has been collected, so that its number may be another's from then on. */
  constructor(pid: number, exited: Promise<Ended>) {
    if (pid <= 1 || pid === process.pid) throw new Error(`Internal error: a task got pid ${pid}`);
    this.pid = pid;
    this.exited = exited.then((ended) => {
      this.#isOver = true;
      return ended;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Signals every process of the group; 0 only asks. Returns whether there was any, dead ones that nobody has collected included. */
  signalGroup(signal: NodeJS.Signals | 0): boolean {
    if (!this.#isGroupGone) this.#isGroupGone = !trySignal(-this.pid, signal);
    return !this.#isGroupGone;
  }
}

/** Ends one process at once; no matter when it is gone already. `pid` comes from the process table, right before. */
export function killProcess(pid: number): void {
  trySignal(pid, 'SIGKILL');
}

/** Ends a whole process group at once. `pid`, its leader, comes from the process table, right before. */
export function killGroup(pid: number): void {
  trySignal(-pid, 'SIGKILL');
}

/** Asks one process to end, and continues it if it was stopped. `pid` comes from the process table, right before. */
export function askToEnd(pid: number): void {
  trySignal(pid, 'SIGTERM');
  trySignal(pid, 'SIGCONT');
}

function trySignal(target: number, signal: NodeJS.Signals | 0): boolean {
  const { stackTraceLimit } = Error;
  // After each task nobody is found, and the stack is most of what that error costs.
  Error.stackTraceLimit = 0;
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) {
      return error.code === 'EPERM';
    }
    throw error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
