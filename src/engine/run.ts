import type { Handle, RunEvent, ToldPhase } from '../model/event.ts';
import type { CancelReason } from '../model/reason.ts';
import type { RunHeader, RunResult, TaskEnd } from '../model/run.ts';
import type { Task, Workflow } from '../model/workflow.ts';
import { Attempt } from './attempt.ts';
import { createScope } from './create-scope.ts';
import { admit, runEnd, stoppedEnd } from './decide.ts';
import { Inbox } from './inbox.ts';
import type { RunPorts } from './ports.ts';
import type { RunScope } from './render-job.ts';
import { hasTimedOut, type OpenAttempt, openAttempts, replay, requestedStops } from './replay.ts';
import { runResult } from './result.ts';
import { retryDelay } from './retry.ts';
import { RunPlaces } from './run-places.ts';
import { initialState, isActive, type RunState } from './state.ts';
import { type Abort, Transitions } from './transitions.ts';

/** Something that happened outside and that the run must look at. */
type Input =
  | { readonly kind: 'event'; readonly event: RunEvent; readonly durable: () => void }
  | { readonly kind: 'ended'; readonly task: Task; readonly end: TaskEnd; readonly final: boolean }
  | { readonly kind: 'limit'; readonly task: Task; readonly attempt: Attempt }
  | { readonly kind: 'retry'; readonly task: Task }
  | { readonly kind: 'place' }
  /** A helper of a plugin has answered for the condition of a task. */
  | { readonly kind: 'answered'; readonly task: Task }
  | { readonly kind: 'stop'; readonly reason: CancelReason; readonly task: Task | null; readonly durable: () => void };

/**
 * One run of a workflow, from its first event, or from where its history ends, to its last. Each tick takes what happened, reduces
 * it, decides what follows, commits the events as one batch, and only then lets effects follow.
 */
export class Run {
  readonly state: RunState;
  readonly #workflow: Workflow;
  readonly #ports: RunPorts;
  readonly #scope: RunScope;
  readonly #history: readonly RunEvent[];
  readonly #transitions: Transitions;
  readonly #places: RunPlaces;
  readonly #attempts = new Map<number, Attempt>();
  /** How to call off the retries that are waiting. */
  readonly #retries = new Map<number, () => void>();
  readonly #inbox: Inbox<Input>;
  /** What follows once the batch is committed. */
  #effects: (() => void)[] = [];
  #isOver = false;
  #isLetGo = false;

  /**
   * `history` is what was committed of it by an earlier program; it must belong to the same plan. @throws {TemplateError} when the
   * workflow's own `env` cannot be rendered, or what the history holds cannot be masked.
   */
  constructor(workflow: Workflow, header: RunHeader, ports: RunPorts, history: readonly RunEvent[] = []) {
    this.#workflow = workflow;
    this.#ports = ports;
    this.#history = history;
    this.#inbox = new Inbox(ports.clock, ports.patienceMs ?? 0, isStart);
    this.state = initialState(workflow);
    replay(this.state, history, ports.masks);
    this.#scope = createScope(this.state, header, ports);
    const abort: Abort = (tasks, reason, hurry) => {
      this.#effects.push(() => {
        for (const index of tasks) this.#attempts.get(index)?.abort(reason, hurry);
      });
    };
    const answered = (task: Task): void => this.#inbox.push({ kind: 'answered', task });
    this.#transitions = new Transitions(this.#scope, abort, answered);
    const places = ports.places(() => this.#inbox.push({ kind: 'place' }));
    this.#places = new RunPlaces(places, (index) => this.#needsNoPlace(index));
  }

  /**
   * Stops the run (or one task of it) for a reason; asked a second time it spares nothing and forces the rest. Resolves once the
   * wish is durable, or when the run is over anyway.
   */
  cancel(reason: CancelReason, task: Task | null = null): Promise<void> {
    if (this.#isOver || this.#isLetGo) return Promise.resolve();
    return new Promise((durable) => this.#inbox.push({ kind: 'stop', reason, task, durable }));
  }

  /** Leaves the run as it is for another program to take up: what runs goes on, nothing more is started. */
  letGo(): void {
    this.#isLetGo = true;
    this.#inbox.hurry();
  }

  /** Runs every task to its end. Resolves however the run ends; with null when it was let go before. */
  async execute(): Promise<RunResult | null> {
    const stopTimer = this.#startTimer();
    try {
      await this.#goOn();
    } catch (error) {
      // A fault of our own: others need the places, and nobody hears what the attempts tell.
      this.#abandon();
      this.#places.giveUp();
      throw error;
    } finally {
      stopTimer();
      for (const callOff of this.#retries.values()) callOff();
    }
    return this.state.open === 0 ? this.#end() : this.#abandon();
  }

  async #goOn(): Promise<void> {
    this.#begin();
    for (;;) {
      await this.#commit();
      if (this.state.open === 0 || this.#isLetGo) return;
      await this.#inbox.filled();
      for (const input of this.#inbox.take()) this.#take(input);
    }
  }

  async #end(): Promise<RunResult> {
    await this.#ports.sweep?.();
    this.#transitions.emit(runEnd(this.state, this.#now()));
    await this.#commit();
    this.#isOver = true;
    for (const input of this.#inbox.take()) if ('durable' in input) input.durable();
    return runResult(this.state, this.#ports.masks);
  }

  #abandon(): null {
    for (const attempt of this.#attempts.values()) attempt.letGo();
    return null;
  }

  #begin(): void {
    const left = openAttempts(this.state, this.#history);
    for (const attempt of left) this.#takeUp(attempt);
    for (const [name, reason] of requestedStops(this.#history)) {
      for (const one of this.#partsOf(this.#taskNamed(name))) this.#stopTask(one, reason);
    }
    this.#transitions.begin();
    for (const task of this.#workflow.tasks) {
      const current = this.state.tasks[task.index];
      if (current?.phase === 'waiting') this.#armRetry(task, current.retryAt - this.#now());
    }
  }

  #takeUp(left: OpenAttempt): void {
    this.#places.hold(left.task.index);
    this.#attend(new Attempt(this.#scope, left.task, left.attempt, left), left.task, left.attempt);
  }

  #take(input: Input): void {
    switch (input.kind) {
      case 'event':
        this.#transitions.emit(input.event);
        this.#effects.push(input.durable);
        return;
      case 'ended':
        this.#takeEnd(input.task, input.end, input.final);
        return;
      case 'limit':
        this.#takeLimit(input.task, input.attempt);
        return;
      case 'retry':
        this.#takeRetry(input.task);
        return;
      case 'place':
        return;
      case 'answered':
        this.#transitions.settle([input.task.index]);
        return;
      case 'stop':
        this.#takeStop(input.reason, input.task);
        this.#effects.push(input.durable);
    }
  }

  /** Durable before the first signal: whoever takes up the run must know who ended the attempt. */
  #takeLimit(task: Task, attempt: Attempt): void {
    if (this.#attempts.get(task.index) !== attempt) return;
    this.#transitions.emit({ type: 'cancel-requested', at: this.#now(), reason: 'timed_out', task: task.name });
    this.#effects.push(() => attempt.timeOut());
  }

  #takeRetry(task: Task): void {
    this.#retries.delete(task.index);
    if (this.state.tasks[task.index]?.phase !== 'waiting') return;
    this.#transitions.emit({ type: 'task-queued', at: this.#now(), task: task.name });
  }

  #takeEnd(task: Task, end: TaskEnd, final: boolean): void {
    const attempt = this.state.attempts[task.index] ?? 1;
    const attended = this.#attempts.get(task.index);
    if (attended) this.#effects.push(() => attended.clear());
    this.#attempts.delete(task.index);
    this.#places.left(task.index);
    const delay = final ? null : retryDelay(task.retry, end, attempt, this.#ports.random());
    if (delay === null || end.status !== 'failed') {
      this.#transitions.endTask(task, end);
      return;
    }
    const at = this.#now();
    const { reason, message } = end;
    const retryAt = at + delay;
    this.#transitions.emit({ type: 'task-retrying', at, task: task.name, attempt, reason, message, retryAt });
    this.#armRetry(task, delay);
  }

  #armRetry(task: Task, delay: number): void {
    const retry = () => this.#inbox.push({ kind: 'retry', task });
    this.#retries.set(task.index, this.#ports.clock.after(Math.max(0, delay), retry));
  }

  #takeStop(reason: CancelReason, task: Task | null): void {
    if (this.state.end || (task && this.state.tasks[task.index]?.phase === 'done')) return;
    this.#transitions.emit({ type: 'cancel-requested', at: this.#now(), reason, task: task?.name ?? null });
    if (!task) this.#transitions.spread();
    else for (const one of this.#partsOf(task)) this.#stopTask(one, reason);
  }

  /** The tasks that do the work of a task: itself, or the instances of its matrix. */
  #partsOf(task: Task): readonly Task[] {
    if (task.matrix?.kind !== 'join') return [task];
    return task.matrix.instances.flatMap((index) => this.#workflow.tasks[index] ?? []);
  }

  #stopTask(task: Task, reason: CancelReason): void {
    const current = this.state.tasks[task.index];
    if (!current || current.phase === 'done') return;
    const attempt = this.#attempts.get(task.index);
    if (!isActive(current.phase)) this.#transitions.endTask(task, stoppedEnd(reason, null));
    else if (reason === 'timed_out') this.#effects.push(() => attempt?.timeOut());
    else this.#effects.push(() => attempt?.abort(reason, false));
  }

  /** Lets queued tasks start, writes the tick's events as one batch, then lets their effects follow. */
  async #commit(): Promise<void> {
    if (!this.#isLetGo) this.#admit();
    const batch = this.#transitions.take();
    const effects = this.#effects;
    this.#effects = [];
    if (batch.length > 0) await this.#ports.commit(batch);
    for (const effect of effects) effect();
    for (const event of batch) if (event.type === 'task-starting') this.#launch(event.task, event.attempt);
  }

  #admit(): void {
    this.#places.settle(this.state.active);
    const most = this.#workflow.maxParallel ?? Number.POSITIVE_INFINITY;
    const take = (index: number) => this.#places.take(index);
    for (const event of admit(this.state, most, take, this.#now())) {
      this.#transitions.emit(event);
    }
    if (this.state.next === null) this.#places.withdraw();
  }

  #needsNoPlace(index: number): boolean {
    return this.#ports.drivers.get(this.#workflow.tasks[index]?.type ?? '')?.takesPlace === false;
  }

  #launch(name: string, number: number): void {
    const task = this.#taskNamed(name);
    this.#attend(new Attempt(this.#scope, task, number), task, number);
  }

  #attend(attempt: Attempt, task: Task, number: number): void {
    this.#attempts.set(task.index, attempt);
    const { name } = task;
    const record = (event: RunEvent) =>
      new Promise<void>((durable) => this.#inbox.push({ kind: 'event', event, durable }));
    const listener = {
      phase: (phase: ToldPhase, message?: string) =>
        void record({ type: 'task-phase', at: this.#now(), task: name, phase, ...(message && { message }) }),
      running: (handle: Handle) =>
        record({ type: 'task-running', at: this.#now(), task: name, attempt: number, handle }),
      limit: () => this.#inbox.push({ kind: 'limit', task, attempt }),
    };
    attempt.run(listener).then((end) => this.#inbox.push({ kind: 'ended', task, end, final: attempt.stopped }));
  }

  #taskNamed(name: string | null): Task {
    const task = this.#workflow.tasks[this.state.indexOf.get(name ?? '') ?? -1];
    if (!task) throw new Error(`Internal error: no task named ${name}`);
    return task;
  }

  /** The time limit counts from the recorded start, however often the run was taken up since. */
  #startTimer(): () => void {
    const limit = this.#workflow.timeoutMs;
    if (limit === null || hasTimedOut(this.#history)) return () => {};
    const passed = Math.max(0, this.#now() - (this.state.startedAt ?? this.#now()));
    return this.#ports.clock.after(Math.max(0, limit - passed), () => void this.cancel('timed_out'));
  }

  #now(): number {
    return this.#ports.clock.now();
  }
}

/** That a task runs changes nothing that follows: it is written along with what comes next. */
function isStart(input: Input): boolean {
  return input.kind === 'event' && input.event.type === 'task-running';
}
