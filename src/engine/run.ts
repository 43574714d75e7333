import type { Handle, RunEvent } from '../model/event.ts';
import type { CancelReason } from '../model/reason.ts';
import type { RunHeader, RunResult, TaskEnd } from '../model/run.ts';
import type { Task, Workflow } from '../model/workflow.ts';
import { Attempt } from './attempt.ts';
import { conditionEnd } from './condition.ts';
import { createScope } from './create-scope.ts';
import { admit, decide, decideStop, runEnd, stoppedEnd } from './decide.ts';
import type { RunPorts } from './ports.ts';
import type { RunScope } from './render-job.ts';
import { runResult } from './result.ts';
import { retryDelay } from './retry.ts';
import { selection } from './selection.ts';
import { initialState, type RunState, reduce } from './state.ts';

/** Something that happened outside and that the run must look at. */
type Input =
  | { readonly kind: 'event'; readonly event: RunEvent; readonly durable: () => void }
  | { readonly kind: 'ended'; readonly task: Task; readonly end: TaskEnd; readonly final: boolean }
  | { readonly kind: 'retry'; readonly task: Task }
  | { readonly kind: 'stop'; readonly reason: CancelReason; readonly task: Task | null };

/**
 * One run of a workflow, from its first event to its last. Each tick takes what happened, reduces it, decides what follows,
 * commits the events as one batch, and only then lets effects follow.
 */
export class Run {
  readonly state: RunState;
  readonly #workflow: Workflow;
  readonly #ports: RunPorts;
  readonly #scope: RunScope;
  readonly #attempts = new Map<number, Attempt>();
  /** How to call off the retries that are waiting. */
  readonly #retries = new Map<number, () => void>();
  #inbox: Input[] = [];
  #wake: () => void = () => {};
  #batch: RunEvent[] = [];
  /** What follows once the batch is committed. */
  #effects: (() => void)[] = [];

  /** @throws {TemplateError} when the workflow's own `env` cannot be rendered. */
  constructor(workflow: Workflow, header: RunHeader, ports: RunPorts) {
    this.#workflow = workflow;
    this.#ports = ports;
    this.state = initialState(workflow);
    this.#scope = createScope(this.state, header, ports);
  }

  /** Stops the run (or one task of it) for a reason; asked a second time it spares nothing and forces the rest. */
  cancel(reason: CancelReason, task: Task | null = null): void {
    this.#push({ kind: 'stop', reason, task });
  }

  /** Runs every task to its end. Resolves however the run ends. */
  async execute(): Promise<RunResult> {
    const stopTimer = this.#startTimer();
    this.#begin();
    for (;;) {
      await this.#commit();
      if (this.state.open === 0) break;
      if (this.#inbox.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
      for (const input of this.#takeInbox()) this.#take(input);
    }
    stopTimer();
    for (const callOff of this.#retries.values()) callOff();
    this.#emit(runEnd(this.state, this.#now()));
    await this.#commit();
    return runResult(this.state, this.#ports.masks);
  }

  #begin(): void {
    const { header } = this.#scope;
    this.#emit({ type: 'run-created', at: header.createdAt, run: header });
    this.#emit({ type: 'run-started', at: this.#now() });
    if (header.only) this.#skipUnselected(header.only);
    this.#settle(this.#workflow.tasks.keys());
  }

  #skipUnselected(only: readonly string[]): void {
    const isSelected = selection(this.#workflow, only);
    for (const task of this.#workflow.tasks) {
      const end: TaskEnd = { status: 'skipped', reason: 'not_selected', message: 'not among the tasks asked for' };
      if (!isSelected(task)) this.#emit({ type: 'task-ended', at: this.#now(), task: task.name, end });
    }
  }

  #take(input: Input): void {
    switch (input.kind) {
      case 'event':
        this.#emit(input.event);
        this.#effects.push(input.durable);
        return;
      case 'ended':
        this.#takeEnd(input.task, input.end, input.final);
        return;
      case 'retry':
        this.#takeRetry(input.task);
        return;
      case 'stop':
        this.#takeStop(input.reason, input.task);
    }
  }

  #takeRetry(task: Task): void {
    this.#retries.delete(task.index);
    if (this.state.tasks[task.index]?.phase !== 'waiting') return;
    this.#emit({ type: 'task-queued', at: this.#now(), task: task.name });
  }

  #takeEnd(task: Task, end: TaskEnd, final: boolean): void {
    const attempt = this.state.attempts[task.index] ?? 1;
    this.#attempts.delete(task.index);
    const delay = final ? null : retryDelay(task.retry, end, attempt, this.#ports.random());
    if (delay === null || end.status !== 'failed') {
      this.#endTask(task, end);
      return;
    }
    const at = this.#now();
    const { reason, message } = end;
    this.#emit({ type: 'task-retrying', at, task: task.name, attempt, reason, message, retryAt: at + delay });
    this.#retries.set(
      task.index,
      this.#ports.clock.after(delay, () => this.#push({ kind: 'retry', task })),
    );
  }

  #endTask(task: Task, end: TaskEnd): void {
    const failFastBefore = this.state.failFast;
    this.#emit({ type: 'task-ended', at: this.#now(), task: task.name, end });
    if (this.state.failFast && !failFastBefore) this.#spread();
    this.#settle(task.children);
  }

  #takeStop(reason: CancelReason, task: Task | null): void {
    if (this.state.end || (task && this.state.tasks[task.index]?.phase === 'done')) return;
    this.#emit({ type: 'cancel-requested', at: this.#now(), reason, task: task?.name ?? null });
    if (!task) this.#spread();
    else for (const one of this.#partsOf(task)) this.#stopTask(one, reason);
  }

  /** The tasks that do the work of a task: itself, or the instances of its matrix. */
  #partsOf(task: Task): readonly Task[] {
    if (task.matrix?.kind !== 'join') return [task];
    return task.matrix.instances.flatMap((index) => this.#workflow.tasks[index] ?? []);
  }

  #stopTask(task: Task, reason: CancelReason): void {
    if (this.state.tasks[task.index]?.phase === 'done') return;
    const attempt = this.#attempts.get(task.index);
    if (attempt) this.#effects.push(() => attempt.abort(reason, false));
    else this.#endTask(task, stoppedEnd(reason, null));
  }

  /** Carries a stop, or a failure under `fail_fast`, to every task it concerns. */
  #spread(): void {
    const { events, abort } = decideStop(this.state, this.#now());
    for (const event of events) this.#emit(event);
    const reason = this.state.stop?.reason ?? 'fail_fast';
    const hurry = (this.state.stop?.times ?? 0) > 1;
    this.#effects.push(() => {
      for (const index of abort) this.#attempts.get(index)?.abort(reason, hurry);
    });
    this.#settle(this.#workflow.tasks.keys());
  }

  /** Decides the tasks given, then whatever their ends let be decided, until nothing follows. */
  #settle(candidates: Iterable<number>): void {
    const check = (task: Task) => conditionEnd(this.#scope, task);
    let open: Iterable<number> = candidates;
    for (;;) {
      const events = decide(this.state, open, this.#now(), check);
      if (events.length === 0) return;
      const failFastBefore = this.state.failFast;
      for (const event of events) this.#emit(event);
      if (this.state.failFast && !failFastBefore) {
        this.#spread();
        return;
      }
      // A child of two that ended together is asked about once.
      open = new Set(events.flatMap((event) => (event.type === 'task-ended' ? this.#childrenOf(event.task) : [])));
    }
  }

  #childrenOf(name: string): readonly number[] {
    return this.#workflow.tasks[this.state.indexOf.get(name) ?? -1]?.children ?? [];
  }

  /** Lets queued tasks start, writes the tick's events as one batch, then lets their effects follow. */
  async #commit(): Promise<void> {
    const places = Math.min(this.#ports.maxParallel, this.#workflow.maxParallel ?? Number.POSITIVE_INFINITY);
    for (const event of admit(this.state, places, this.#now())) this.#emit(event);
    const batch = this.#batch;
    const effects = this.#effects;
    this.#batch = [];
    this.#effects = [];
    if (batch.length > 0) await this.#ports.commit(batch);
    for (const effect of effects) effect();
    for (const event of batch) if (event.type === 'task-starting') this.#launch(event.task, event.attempt);
  }

  #launch(name: string, number: number): void {
    const task = this.#workflow.tasks[this.state.indexOf.get(name) ?? -1];
    if (!task) throw new Error(`Internal error: no task named ${name}`);
    const attempt = new Attempt(this.#scope, task, number);
    this.#attempts.set(task.index, attempt);
    const record = (event: RunEvent) => new Promise<void>((durable) => this.#push({ kind: 'event', event, durable }));
    const listener = {
      phase: (phase: 'provisioning' | 'deprovisioning') =>
        void record({ type: 'task-phase', at: this.#now(), task: name, phase }),
      running: (handle: Handle) =>
        record({ type: 'task-running', at: this.#now(), task: name, attempt: number, handle }),
    };
    attempt.run(listener).then((end) => this.#push({ kind: 'ended', task, end, final: attempt.stopped }));
  }

  #startTimer(): () => void {
    const limit = this.#workflow.timeoutMs;
    return limit === null ? () => {} : this.#ports.clock.after(limit, () => this.cancel('timed_out'));
  }

  #push(input: Input): void {
    this.#inbox.push(input);
    this.#wake();
  }

  #takeInbox(): readonly Input[] {
    const inputs = this.#inbox;
    this.#inbox = [];
    return inputs;
  }

  #emit(event: RunEvent): void {
    reduce(this.state, event);
    this.#batch.push(event);
  }

  #now(): number {
    return this.#ports.clock.now();
  }
}
