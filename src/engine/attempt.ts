import type { Handle, ToldPhase } from '../model/event.ts';
import type { Driver, DriverIO, EndRequest, Job } from '../model/ports.ts';
import type { CancelReason, FailureReason } from '../model/reason.ts';
import type { Exit, Outputs, TaskEnd } from '../model/run.ts';
import { TemplateError } from '../model/template.ts';
import { nameInFile, type Task } from '../model/workflow.ts';
import { formatDuration } from '../util/duration.ts';
import { protect } from '../util/mask/protect.ts';
import { type OutputFiles, readOutputs, removeOutputs } from '../util/output-file.ts';
import { OutputPeek } from '../util/peek-outputs.ts';
import { cacheRequest } from './cache/cache-request.ts';
import { collectExports } from './collect-exports.ts';
import { stoppedEnd } from './decide.ts';
import { renderText } from './environment.ts';
import type { AttemptOutput } from './ports.ts';
import { type RenderedJob, type RunScope, renderJob } from './render-job.ts';
import type { OpenAttempt } from './replay.ts';
import { readResultFile } from './result-file.ts';

/** What the run loop hears from an attempt while it lasts. */
export interface AttemptListener {
  phase(phase: ToldPhase, message?: string): void;
  /** Resolves when the handle is durable. */
  running(handle: Handle): Promise<void>;
  /** The attempt has passed its time limit; `timeOut` is called for once that is durable. */
  limit(): void;
}

/** Why an attempt is ended before its time: its time limit, a stop of the task or run, or trouble with what it wrote. */
type AbortCause =
  | { readonly kind: 'timeout' }
  | { readonly kind: 'stop'; readonly reason: CancelReason }
  | { readonly kind: 'failure'; readonly failure: Failure };

/** One try of one task. The first cause to end it wins. */
export class Attempt {
  readonly #scope: RunScope;
  readonly #task: Task;
  readonly #number: number;
  /** What an earlier program left of it; null when it has not begun. */
  readonly #left: OpenAttempt | null;
  readonly #ending = new AbortController();
  /** Made when the attempt is asked to end, which few are. */
  #hurry: AbortController | null = null;
  #cause: AbortCause | null = null;
  #cancelTimer: () => void = () => {};
  /** Where its outputs are, once they have been read. */
  #written: OutputFiles | null = null;

  constructor(scope: RunScope, task: Task, number: number, left: OpenAttempt | null = null) {
    this.#scope = scope;
    this.#task = task;
    this.#number = number;
    this.#left = left;
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

  /** Ends the attempt for its time limit. */
  timeOut(): void {
    this.#end({ kind: 'timeout' });
  }

  /** Clears away what was read of it. To be called once its end is durable. */
  clear(): void {
    if (this.#written) removeOutputs(this.#written);
  }

  /** Attends it no more; what runs goes on. */
  letGo(): void {
    this.#cancelTimer();
  }

  /** Runs the attempt to its end, or takes up what is left of it. Resolves however it ends. */
  async run(listener: AttemptListener): Promise<TaskEnd> {
    try {
      if (this.#left) return await this.#takeUp(this.#left, listener);
      const rendered = await this.#render();
      const drive = () => this.#drive(rendered.job, listener);
      const request = cacheRequest(this.#scope, this.#task, rendered, this.#ending);
      if (!request) return await drive();
      // Loaded when it is needed: a run without a cache is not to wait for it.
      const { throughCache } = await import('./cache/through-cache.ts');
      return await throughCache(request, drive);
    } catch (error) {
      const reason: FailureReason = error instanceof TemplateError ? 'bad_template' : 'driver_error';
      return this.#failed(reason, textOf(error));
    } finally {
      this.#cancelTimer();
    }
  }

  /** What helpers of plugins have to say is asked for on the way. */
  async #render(): Promise<RenderedJob> {
    const render = (): RenderedJob => {
      const rendered = renderJob(this.#scope, this.#task, this.#number);
      // What it asks must be known by the time the cache renders it.
      if (this.#task.cache?.key) renderText(this.#task.cache.key, rendered.context);
      return rendered;
    };
    const { helpers } = this.#scope.ports;
    return helpers ? helpers.whileAsking(render) : renderJob(this.#scope, this.#task, this.#number);
  }

  /** What began is never begun again: without a way back to it, it is lost. */
  async #takeUp(left: OpenAttempt, listener: AttemptListener): Promise<TaskEnd> {
    let job: Job;
    try {
      job = (await this.#render()).job;
    } catch (error) {
      return this.#failed('lost', lostMessage(left, `it cannot be described again: ${textOf(error)}`));
    }
    this.#startTimer(Math.max(0, this.#scope.ports.clock.now() - left.since), listener);
    const end = await this.#attend(job, (driver, output) => this.#recover(driver, job, left, output, listener));
    const isCached = this.#task.cache !== null && this.#scope.ports.cache !== undefined;
    return isCached && end.status === 'success' ? { ...end, notes: [...(end.notes ?? []), NOT_KEPT] } : end;
  }

  async #recover(
    driver: Driver,
    job: Job,
    left: OpenAttempt,
    output: AttemptOutput,
    listener: AttemptListener,
  ): Promise<Exit> {
    if (!driver.recover) return lost(left, `tasks of type "${job.type}" cannot be taken up`);
    const started = (handle: Handle) => (left.handle ? Promise.resolve() : listener.running(handle));
    try {
      const exit = await driver.recover(job, left.handle, this.#driverIO(job, output, listener, started));
      return exit.kind === 'failed' && exit.reason === 'lost' ? lost(left, exit.message) : exit;
    } catch (error) {
      return lost(left, textOf(error));
    }
  }

  #drive(job: Job, listener: AttemptListener): Promise<TaskEnd> {
    const started = (handle: Handle) => {
      this.#startTimer(0, listener);
      return listener.running(handle);
    };
    return this.#attend(job, (driver, output) => driver.run(job, this.#driverIO(job, output, listener, started)));
  }

  async #attend(job: Job, drive: (driver: Driver, output: AttemptOutput) => Promise<Exit>): Promise<TaskEnd> {
    const driver = this.#scope.ports.drivers.get(job.type);
    if (!driver) return this.#withoutDriver(`no driver for type "${job.type}" is loaded`);
    const output = this.#scope.ports.openOutput(this.#task, job);
    let exit: Exit;
    let closing: readonly string[] = [];
    try {
      exit = await drive(driver, output);
    } finally {
      this.#cancelTimer();
      closing = output.close();
    }
    const notes = [...('notes' in exit && exit.notes ? exit.notes : []), ...closing];
    return this.#endOf(exit, job, notes);
  }

  #withoutDriver(message: string): TaskEnd {
    return this.#left ? this.#failed('lost', lostMessage(this.#left, message)) : this.#failed('driver_error', message);
  }

  #driverIO(job: Job, output: AttemptOutput, listener: AttemptListener, started: DriverIO['started']): DriverIO {
    const names = this.#task.exports.flatMap(({ name, confidential }) => (confidential ? [name] : []));
    const peek = new OutputPeek(this.#outputFiles(job), names, this.#scope.ports.masks);
    return {
      signal: this.#ending.signal,
      write: (stream, chunk) => {
        const message = peek.look();
        if (message === null) return output.write(stream, chunk);
        // What cannot be masked must not be shown.
        this.#end({ kind: 'failure', failure: { reason: 'bad_output', message } });
      },
      isSecret: (text) => this.#scope.ports.masks.containsSecret(text),
      phase: (phase, message) => listener.phase(phase, message && this.#scope.ports.masks.maskText(message)),
      started,
      ...(output.capture ? { capture: output.capture } : {}),
    };
  }

  #startTimer(passedMs: number, listener: AttemptListener): void {
    const left = Math.max(0, this.#task.timeoutMs - passedMs);
    this.#cancelTimer = this.#scope.ports.clock.after(left, () => listener.limit());
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
    this.#written = this.#outputFiles(job);
    const written = readOutputs(this.#written);
    const failure = this.#failureOf(exit);
    const given = exit.kind === 'done' ? exit.outputs : null;
    const collected = collectExports(this.#task.exports, written, this.#scope.ports.masks, failure === null, given);
    // However the task ended: what it wrote may be printed by another.
    const unprotected = this.#protectOutputs(collected.outputs);
    if (this.#cause?.kind === 'stop') return stoppedEnd(this.#cause.reason, exitCode, notes);
    if (this.#cause === null && exit.kind === 'cancelled')
      return { status: 'cancelled', reason: exit.reason, message: exit.message, exitCode };
    if (exit.kind === 'skipped') return { status: 'skipped', reason: 'overlap', message: exit.message };
    const broken = failure ?? collected.failure ?? unprotected;
    if (broken)
      return { ...this.#failed(broken.reason, broken.message), exitCode, outputs: collected.outputs, ...extra };
    const { result, note } = await readResultFile(job, this.#scope.ports.masks);
    const all = note === undefined ? notes : [...notes, note];
    const success = { status: 'success', exitCode, outputs: collected.outputs, cached: false } as const;
    return { ...success, ...(result ? { result } : {}), ...(all.length > 0 ? { notes: all } : {}) };
  }

  #outputFiles({ outputFile }: Job): OutputFiles {
    return { outputFile, task: nameInFile(this.#task) };
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
    if (this.#cause?.kind === 'failure') return this.#cause.failure;
    if (exit.kind === 'failed') return { reason: exit.reason, message: exit.message };
    if (exit.kind === 'signaled') return { reason: 'signal', message: `ended by ${exit.signal}` };
    if (exit.kind !== 'exited') return null;
    return exit.code === 0 ? null : { reason: 'exit_code', message: `exit code ${exit.code}` };
  }

  #failed(reason: FailureReason, message: string): Extract<TaskEnd, { status: 'failed' }> {
    const masked = this.#scope.ports.masks.maskText(message);
    return { status: 'failed', reason, exitCode: null, message: masked, outputs: {} };
  }
}

interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
}

/** What a result depends on is looked at before the task begins, and by now may be something else. */
const NOT_KEPT = 'cache: not stored; the daemon that began the task is gone';

function lost(left: OpenAttempt, why: string): Exit {
  return { kind: 'failed', reason: 'lost', message: lostMessage(left, why) };
}

/** `lost` says why nobody knows, what ran, and since when. */
function lostMessage({ handle, since }: OpenAttempt, why: string): string {
  return `${why} (${nameOf(handle)}since ${new Date(since).toISOString()})`;
}

function nameOf(handle: Handle | null): string {
  if (handle === null) return '';
  return handle.kind === 'process' ? `pid ${handle.pid}, ` : `${handle.kind} ${handle.id}, `;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
