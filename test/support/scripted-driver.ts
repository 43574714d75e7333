import type { Driver, DriverIO, Job } from '../../src/model/ports.ts';
import type { Exit } from '../../src/model/run.ts';

/** A job a test holds in its hand: the test decides when and how it ends. */
export interface ScriptedJob {
  readonly job: Job;
  readonly io: DriverIO;
  exit(code: number): void;
  end(exit: Exit): void;
}

/** A driver whose jobs are ended by the test. An aborted job ends by SIGTERM at once unless `stubborn`. */
export class ScriptedDriver implements Driver {
  readonly type = 'scripted';
  readonly templates = {};
  /** Names of the tasks started so far, in order. */
  readonly starts: string[] = [];
  /** Most jobs that were running at the same time. */
  peak = 0;
  readonly #running = new Map<string, ScriptedJob>();
  readonly #waiting = new Map<string, (job: ScriptedJob) => void>();
  readonly #onStart: ((job: ScriptedJob) => void) | undefined;

  constructor(onStart?: (job: ScriptedJob) => void) {
    this.#onStart = onStart;
  }

  validate(): [] {
    return [];
  }

  /** The job of a task, once it has started. */
  started(task: string): Promise<ScriptedJob> {
    const running = this.#running.get(task);
    if (running) return Promise.resolve(running);
    return new Promise((resolve) => this.#waiting.set(task, resolve));
  }

  async run(job: Job, io: DriverIO): Promise<Exit> {
    this.starts.push(job.task);
    const handle = { kind: 'process', pid: 1, startTime: '0', bootId: '' } as const;
    let end: (exit: Exit) => void = () => {};
    const ended = new Promise<Exit>((resolve) => {
      end = resolve;
    });
    const scripted: ScriptedJob = { job, io, end, exit: (code) => end({ kind: 'exited', code }) };
    this.#running.set(job.task, scripted);
    this.peak = Math.max(this.peak, this.#running.size);
    io.signal.addEventListener('abort', () => end({ kind: 'signaled', signal: 'SIGTERM' }), { once: true });
    await io.started(handle);
    this.#waiting.get(job.task)?.(scripted);
    this.#waiting.delete(job.task);
    this.#onStart?.(scripted);
    const exit = await ended;
    this.#running.delete(job.task);
    return exit;
  }
}
