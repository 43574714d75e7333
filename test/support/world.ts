import { writeFileSync } from 'node:fs';
import type { Handle } from '../../src/model/event.ts';
import type { Driver, DriverIO, Job } from '../../src/model/ports.ts';
import type { Exit } from '../../src/model/run.ts';

/** A process that goes on without whoever started it. */
export interface WorldProcess {
  readonly job: Job;
  readonly handle: Handle;
  exit: Exit | null;
}

/** What a process does: its end, or null to go on until the test ends it. `outputs` is written before it ends. */
export type Behaviour = (job: Job) => { readonly exit: Exit; readonly outputs?: string } | null;

/** The exit of a process that is over. */
export function exited(code: number): Exit {
  return { kind: 'exited', code };
}

/**
 * Processes that outlive the daemon, and the ledger of their starts: the oracle of crash tests. Its driver starts them and takes them
 * up again, as one does whose executor survives.
 */
export class World {
  readonly type = 'scripted';
  readonly templates = {};
  /** `run/task/attempt` of every start, in order. */
  readonly starts: string[] = [];
  /** The same of every recovery. */
  readonly recoveries: string[] = [];
  /** Most processes alive at the same time. */
  peak = 0;
  readonly #processes = new Map<string, WorldProcess>();
  readonly #behaviour: Behaviour;
  #waiting: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];

  constructor(behaviour: Behaviour = () => null) {
    this.#behaviour = behaviour;
  }

  /** The processes that are alive. */
  get alive(): readonly WorldProcess[] {
    return [...this.#processes.values()].filter(({ exit }) => exit === null);
  }

  /** Resolves once something holds; asked again whenever a process starts or ends. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  /** Ends a living process of a task; of any run unless one is named. */
  end(task: string, exit: Exit = exited(0), run?: string): void {
    const process = this.alive.find(({ job }) => job.task === task && (run === undefined || job.runId === run));
    if (!process) throw new Error(`no process of ${task}`);
    process.exit = exit;
    this.#changed();
  }

  /** Forgets a process without a trace, as if it was killed while nobody looked. */
  forget(task: string): void {
    for (const [key, { job }] of this.#processes) if (job.task === task) this.#processes.delete(key);
  }

  /** The driver of one daemon, which does nothing any more once that is dead. */
  driver(isDead: () => boolean): Driver {
    return {
      type: this.type,
      templates: this.templates,
      validate: () => [],
      run: (job, io) => (isDead() ? NEVER : this.#start(job, io, isDead)),
      recover: (job, handle, io) => (isDead() ? NEVER : this.#recover(job, handle, io, isDead)),
    };
  }

  async #start(job: Job, io: DriverIO, isDead: () => boolean): Promise<Exit> {
    const key = keyOf(job);
    this.starts.push(key);
    const process: WorldProcess = {
      job,
      handle: { kind: 'process', pid: this.starts.length, startTime: '1', bootId: 'b' },
      exit: null,
    };
    this.#processes.set(key, process);
    this.peak = Math.max(this.peak, this.alive.length);
    const behaviour = this.#behaviour(job);
    if (behaviour?.outputs) writeFileSync(job.outputFile, behaviour.outputs);
    if (behaviour) process.exit = behaviour.exit;
    this.#changed();
    await io.started(process.handle);
    return this.#attend(process, io, isDead);
  }

  #recover(job: Job, handle: Handle | null, io: DriverIO, isDead: () => boolean): Promise<Exit> {
    this.recoveries.push(keyOf(job));
    const process = this.#processes.get(keyOf(job));
    if (process) return this.#attend(process, io, isDead);
    return Promise.resolve({ kind: 'failed', reason: 'lost', message: handle ? 'it is gone' : 'nothing was found' });
  }

  async #attend(process: WorldProcess, io: DriverIO, isDead: () => boolean): Promise<Exit> {
    const abort = (): void => {
      if (isDead()) return;
      process.exit ??= { kind: 'signaled', signal: 'SIGTERM' };
      this.#changed();
    };
    if (io.signal.aborted) abort();
    io.signal.addEventListener('abort', abort, { once: true });
    await this.until(() => process.exit !== null);
    return process.exit ?? exited(0);
  }

  #changed(): void {
    const met = this.#waiting.filter(({ isMet }) => isMet());
    this.#waiting = this.#waiting.filter((waiting) => !met.includes(waiting));
    for (const { resolve } of met) resolve();
  }
}

const NEVER = new Promise<never>(() => {});

function keyOf(job: Job): string {
  return `${job.runId}/${job.task}/${job.attempt}`;
}
