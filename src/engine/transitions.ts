import type { RunEvent } from '../model/event.ts';
import type { CancelReason } from '../model/reason.ts';
import type { TaskEnd } from '../model/run.ts';
import { UnansweredHelper } from '../model/template.ts';
import type { Task } from '../model/workflow.ts';
import { conditionEnd } from './condition.ts';
import { type ConditionCheck, decide, decideStop } from './decide.ts';
import type { RunScope } from './render-job.ts';
import { selection } from './selection.ts';
import { type RunState, reduce } from './state.ts';

/** Ends the attempts of tasks, by index. */
export type Abort = (tasks: readonly number[], reason: CancelReason, hurry: boolean) => void;

/** The events of one tick after the other: each is reduced as it comes, and what follows from it is decided. */
export class Transitions {
  readonly #scope: RunScope;
  readonly #state: RunState;
  /** Called for attempts that must end; to be done once the events are durable. */
  readonly #abort: Abort;
  /** Called once a task can be decided for which an answer was missing. */
  readonly #answered: (task: Task) => void;
  #events: RunEvent[] = [];

  constructor(scope: RunScope, abort: Abort, answered: (task: Task) => void) {
    this.#scope = scope;
    this.#state = scope.state;
    this.#abort = abort;
    this.#answered = answered;
  }

  /** The events since the last call. */
  take(): readonly RunEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  emit(event: RunEvent): void {
    reduce(this.#state, event);
    this.#events.push(event);
  }

  /** Begins, or goes on, with whatever can be decided. */
  begin(): void {
    const { header } = this.#scope;
    if (!this.#state.header) this.emit({ type: 'run-created', at: header.createdAt, run: header });
    if (this.#state.startedAt === null) {
      this.emit({ type: 'run-started', at: this.#now() });
      if (header.only) this.#skipUnselected(header.only);
    }
    if (this.#state.stop || this.#state.failFast) this.spread();
    else this.settle(this.#state.workflow.tasks.keys());
  }

  endTask(task: Task, end: TaskEnd): void {
    const failFastBefore = this.#state.failFast;
    this.emit({ type: 'task-ended', at: this.#now(), task: task.name, end });
    if (this.#state.failFast && !failFastBefore) this.spread();
    this.settle(task.children);
  }

  /** Carries a stop, or a failure under `fail_fast`, to every task it concerns. */
  spread(): void {
    const { events, abort } = decideStop(this.#state, this.#now());
    for (const event of events) this.emit(event);
    this.#abort(abort, this.#state.stop?.reason ?? 'fail_fast', (this.#state.stop?.times ?? 0) > 1);
    this.settle(this.#state.workflow.tasks.keys());
  }

  /** Decides the tasks given, then whatever their ends let be decided, until nothing follows. */
  settle(candidates: Iterable<number>): void {
    const check = (task: Task) => this.#check(task);
    let open: Iterable<number> = candidates;
    for (;;) {
      const events = decide(this.#state, open, this.#now(), check);
      if (events.length === 0) return;
      const failFastBefore = this.#state.failFast;
      for (const event of events) this.emit(event);
      if (this.#state.failFast && !failFastBefore) {
        this.spread();
        return;
      }
      // A child of two that ended together is asked about once.
      open = new Set(events.flatMap((event) => (event.type === 'task-ended' ? this.#childrenOf(event.task) : [])));
    }
  }

  /** Where a helper of a plugin has to be asked, the task is decided once it has answered. */
  #check(task: Task): ReturnType<ConditionCheck> {
    try {
      return conditionEnd(this.#scope, task);
    } catch (error) {
      const { helpers } = this.#scope.ports;
      if (!(error instanceof UnansweredHelper) || !helpers) throw error;
      void helpers.ask(error.question).then(() => this.#answered(task));
      return 'later';
    }
  }

  #skipUnselected(only: readonly string[]): void {
    const isSelected = selection(this.#state.workflow, only);
    for (const task of this.#state.workflow.tasks) {
      if (isSelected(task) || this.#state.tasks[task.index]?.phase === 'done') continue;
      const end: TaskEnd = { status: 'skipped', reason: 'not_selected', message: 'not among the tasks asked for' };
      this.emit({ type: 'task-ended', at: this.#now(), task: task.name, end });
    }
  }

  #childrenOf(name: string): readonly number[] {
    return this.#state.workflow.tasks[this.#state.indexOf.get(name) ?? -1]?.children ?? [];
  }

  #now(): number {
    return this.#scope.ports.clock.now();
  }
}
