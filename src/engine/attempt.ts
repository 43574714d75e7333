import type { Handle } from '../model/event.ts';
import type { Driver, EndRequest, Job } from '../model/ports.ts';
import type { CancelReason, FailureReason } from '../model/reason.ts';
import type { Exit, Outputs, TaskEnd } from '../model/run.ts';
import { TemplateError } from '../model/template.ts';
import { nameInFile, type Task } from '../model/workflow.ts';
import { formatDuration } from '../util/duration.ts';
import { collectExports } from './collect-exports.ts';
import { stoppedEnd } from './decide.ts';
import { readOutputs } from './output-file.ts';
import { peekConfidential } from './peek-outputs.ts';
import type { AttemptOutput } from './ports.ts';
import { protect } from './protect.ts';
import { type RunScope, renderJob } from './render-job.ts';
import { readResultFile } from './result-file.ts';

/** What the run loop hears from an attempt while it lasts. */
export interface AttemptListener {
  phase(phase: 'provisioning' | 'deprovisioning'): void;
  /** Resolves when the handle is durable. */
  running(handle: Handle): Promise<void>;
}

/** Why an attempt is ended from outside: its own time limit, or a stop of the task or run. */
type AbortCause = { readonly kind: 'timeout' } | { readonly kind: 'stop'; readonly reason: CancelReason };

/** One try of one task. The first cause to end it wins. */
export class Attempt {
  readonly #scope: RunScope;
  readonly #task: Task;
  readonly #number: number;
  readonly #ending = new AbortController();
  /** Made when the attempt is asked to end, which few are. */
  #hurry: AbortController | null = null;
  #cause: AbortCause | null = null;
  /** Size of the output file when it was last looked at. */
  #peeked = 0;
  #cancelTimer: () => void = () => {};

  constructor(scope: RunScope, task: Task, number: number) {
    this.#scope = scope;
    this.#task = task;
    this.#number = number;
  }

  /** Whether the attempt was ended by a stop, and so must not be tried again. */
  get stopped(): boolean {
    return this.#cause?.kind === 'stop';
  }

  /** Asks the attempt to end; `hurry` forces it now. Only the first cause is recorded. */
  abort(reason: CancelReason, hurry: boolean): void {
    this.#end({ kind: 'stop', reason });
    if (hurry) this.#hurry?.abort();
  }

  /** Runs the attempt to its end. Resolves however it ends. */
  async run(listener: AttemptListener): Promise<TaskEnd> {
    try {
      const { job } = renderJob(this.#scope, this.#task, this.#number);
      return await this.#drive(job, listener);
    } catch (error) {
      const reason: FailureReason = error instanceof TemplateError ? 'bad_template' : 'driver_error';
      return this.#failed(reason, error instanceof Error ? error.message : String(error));
    } finally {
      this.#cancelTimer();
    }
  }

  async #drive(job: Job, listener: AttemptListener): Promise<TaskEnd> {
    const driver = this.#scope.ports.drivers.get(job.type);
    if (!driver) return this.#failed('driver_error', `no driver for type "${job.type}" is loaded`);
    const output = this.#scope.ports.openOutput(this.#task, job.attempt);
    let exit: Exit;
    try {
      exit = await this.#runDriver(driver, job, output, listener);
    } finally {
      this.#cancelTimer();
    }
    const notes = [...('notes' in exit && exit.notes ? exit.notes : []), ...output.close()];
    return this.#endOf(exit, job, notes);
  }

  #runDriver(driver: Driver, job: Job, output: AttemptOutput, listener: AttemptListener): Promise<Exit> {
    const guarded = this.#task.exports.some((declared) => declared.confidential);
    return driver.run(job, {
      signal: this.#ending.signal,
      write: (stream, chunk) => {
        if (guarded) this.#peekSecrets(job);
        return output.write(stream, chunk);
      },
      phase: (phase) => listener.phase(phase),
      started: (handle) => {
        const { clock } = this.#scope.ports;
        this.#cancelTimer = clock.after(this.#task.timeoutMs, () => this.#end({ kind: 'timeout' }));
        return listener.running(handle);
      },
    });
  }

  #end(cause: AbortCause): void {
    if (this.#cause) return;
    this.#cause = cause;
    this.#hurry = new AbortController();
    const request: EndRequest = { graceMs: this.#scope.ports.graceMs, hurry: this.#hurry.signal };
    this.#ending.abort(request);
  }

  async #endOf(exit: Exit, job: Job, notes: readonly string[]): Promise<TaskEnd> {
    const extra = notes.length > 0 ? { notes } : {};
    const exitCode = exit.kind === 'exited' ? exit.code : null;
    const written = readOutputs({ outputFile: job.outputFile, task: nameInFile(this.#task) });
    if (this.#cause?.kind === 'stop') return stoppedEnd(this.#cause.reason, exitCode, notes);
    const failure = this.#failureOf(exit);
    const collected = collectExports(this.#task.exports, written, this.#scope.ports.masks, failure === null);
    const broken = failure ?? collected.failure ?? this.#protectOutputs(collected.outputs);
    if (broken)
      return { ...this.#failed(broken.reason, broken.message), exitCode, outputs: collected.outputs, ...extra };
    const result = await readResultFile(job, this.#scope.ports.masks);
    return { status: 'success', exitCode, outputs: collected.outputs, cached: false, ...result, ...extra };
  }

  #protectOutputs(outputs: Outputs): Failure | null {
    for (const { value, confidential } of Object.values(outputs)) {
      const message = confidential ? protect(this.#scope.ports.masks, value) : null;
      if (message !== null) return { reason: 'bad_output', message };
    }
    return null;
  }

  #failureOf(exit: Exit): Failure | null {
    if (this.#cause?.kind === 'timeout') {
      return { reason: 'timed_out', message: `passed its time limit of ${formatDuration(this.#task.timeoutMs)}` };
    }
    if (exit.kind === 'failed') return { reason: exit.reason, message: exit.message };
    if (exit.kind === 'signaled') return { reason: 'signal', message: `ended by ${exit.signal}` };
    return exit.code === 0 ? null : { reason: 'exit_code', message: `exit code ${exit.code}` };
  }

  #failed(reason: FailureReason, message: string): Extract<TaskEnd, { status: 'failed' }> {
    const masked = this.#scope.ports.masks.maskText(message);
    return { status: 'failed', reason, exitCode: null, message: masked, outputs: {} };
  }

  /** Learns confidential exports as soon as the task has written them, so that what it prints next is masked. */
  #peekSecrets(job: Job): void {
    this.#peeked = peekConfidential(job.outputFile, this.#task.exports, this.#scope.ports.masks, this.#peeked);
  }
}

interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
}
