import type { RunEvent } from '../model/event.ts';
import type { CancelReason, FailureReason } from '../model/reason.ts';
import type { RunHeader } from '../model/run.ts';
import { MissingSecret } from '../model/secret-store.ts';
import type { RunRecord } from '../model/state-store.ts';
import { TemplateError } from '../model/template.ts';
import type { Task, Workflow } from '../model/workflow.ts';
import { type JournalPorts, RunJournal } from './admission/run-journal.ts';
import type { SharedPlaces } from './places.ts';
import { Run } from './run.ts';
import type { RunHost, SchedulerPorts } from './scheduler-ports.ts';
import { cancelledEvents, cancelledTaskEvents, failedEvents, lostEvents } from './unstarted.ts';

/** What the runs of a scheduler share. */
export interface HostedRunPorts extends Pick<SchedulerPorts, 'state' | 'clock' | 'host' | 'abandon'> {
  readonly places: SharedPlaces;
  readonly journal: JournalPorts;
  /** The run met a fault of our own, and is given up. */
  broken(run: string, error: unknown): void;
  /** What a run left could not be cleared away. */
  uncleared(run: string, error: unknown): void;
}

/**
 * A run from the moment its record is on its way to the disk until it is over: it waits, then it is put together and executed. What
 * it writes follows its record there, so nothing is done outside before both are durable.
 */
export class HostedRun {
  /** Null when this program cannot read its definition. */
  readonly workflow: Workflow | null;
  /** Resolves once the run is over, and rejects when it cannot be ended. Never settles for one that was let go. */
  readonly over: Promise<void>;
  /** The same, once nothing of it is left to clear away either. */
  readonly closed: Promise<void>;
  readonly #ports: HostedRunPorts;
  readonly #journal: RunJournal;
  readonly #made: Promise<unknown>;
  #finish: () => void = () => {};
  #break: (error: unknown) => void = () => {};
  #callOffWait: () => void = () => {};
  /** What was written of it while it waited. */
  #written: Promise<void> = Promise.resolve();
  /** Being put together, or null while it waits. */
  #beginning: Promise<void> | null = null;
  #host: RunHost | null = null;
  #run: Run | null = null;
  #execution: Promise<void> = Promise.resolve();
  #isStopping = false;

  /** `made` resolves once its record is durable. When it rejects, there never was such a run: it ends without a word. */
  constructor(ports: HostedRunPorts, record: RunRecord, workflow: Workflow | null, made: Promise<unknown>) {
    this.#ports = ports;
    this.workflow = workflow;
    this.#made = made;
    this.#journal = new RunJournal(ports.journal, record, made);
    this.over = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#break = reject;
    });
    this.closed = this.over.then(() => this.#clear(async () => this.#host?.close()));
  }

  get record(): RunRecord {
    return this.#journal.record;
  }

  get hasBegun(): boolean {
    return this.#beginning !== null;
  }

  /** Whether the whole run was asked to stop. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** A task by its name in the file, its own name or its id. */
  taskNamed(name: string): Task | undefined {
    const tasks = this.workflow?.tasks ?? [];
    return tasks.find((task) => task.name === name) ?? tasks.find((task) => task.id === name);
  }

  /** Calls back when the run has waited for so long, in ms. */
  waitAtMost(ms: number, callback: () => void): void {
    this.#callOffWait = this.#ports.clock.after(ms, callback);
  }

  /** Puts the run together, from what is kept of it, and lets it go on from there. Resolves once it does. */
  start(): Promise<void> {
    this.#callOffWait();
    this.#beginning ??= this.#guarded(() => this.#begin());
    return this.#beginning;
  }

  /** Ends it, because nobody knows what became of it, and whatever still runs of it. Resolves once that is durable. */
  giveUp(why: string): Promise<void> {
    const { workflow } = this;
    this.#beginning ??= this.#guarded(async () => {
      await this.#abandon();
      await this.#endWith(workflow && ((history, now) => lostEvents(workflow, history, why, now)));
    });
    return this.#beginning;
  }

  /** Stops it, or one task of it, for a reason. Resolves once that is durable. */
  async cancel(reason: CancelReason, task: Task | null): Promise<void> {
    if (!task) this.#isStopping = true;
    if (!this.#beginning) return this.#cancelWaiting(reason, task);
    await this.#beginning;
    await this.#run?.cancel(reason, task);
  }

  /** Leaves it, and what it runs, to another program. Resolves once nothing of it is being written any more. */
  async letGo(): Promise<void> {
    const gaveUp = this.#journal.letGo();
    const done = async (): Promise<void> => {
      await this.#beginning;
      this.#run?.letGo();
      await this.#execution;
    };
    await Promise.race([done(), gaveUp]);
  }

  /** Cancels it for a stop of the program. Resolves once it is closed; when it cannot be written, it is let go as it is. */
  async shutDown(): Promise<void> {
    const gaveUp = this.#journal.letGo();
    await Promise.race([this.cancel('shutdown', null).then(() => this.closed), gaveUp]);
  }

  #cancelWaiting(reason: CancelReason, task: Task | null): Promise<void> {
    const { workflow } = this;
    if (!task) {
      this.#callOffWait();
      // It never begins: who comes later finds it ended.
      this.#beginning = this.#guarded(() =>
        this.#endWith(workflow && ((history, now) => cancelledEvents(workflow, history, reason, now))),
      );
      return this.#beginning;
    }
    const write = async (): Promise<void> => {
      const history = await this.#history();
      await this.#journal.append(
        workflow ? cancelledTaskEvents(workflow, history, task, reason, this.#ports.clock.now()) : [],
      );
    };
    this.#written = this.#guarded(write);
    return this.#written;
  }

  async #begin(): Promise<void> {
    const { workflow } = this;
    const history = await this.#history();
    const first = history[0];
    if (first?.type !== 'run-created') throw new Error(`Internal error: run ${this.#id} does not begin`);
    if (!workflow) {
      await this.#abandon();
      return this.#endWith(null);
    }
    let host: RunHost;
    try {
      host = await this.#ports.host(this.record, first.run, workflow);
    } catch (error) {
      const reason = error instanceof MissingSecret ? 'missing_secret' : 'provisioning_failed';
      return this.#fail(workflow, reason, error instanceof Error ? error.message : String(error));
    }
    this.#host = host;
    const run = this.#assemble(workflow, first.run, host, history);
    if ('problem' in run) return this.#fail(workflow, 'bad_template', run.problem);
    this.#run = run;
    this.#execution = this.#guarded(() => this.#execute(run));
  }

  #assemble(
    workflow: Workflow,
    header: RunHeader,
    { ports }: RunHost,
    history: readonly RunEvent[],
  ): Run | { readonly problem: string } {
    const places = (wake: () => void) => this.#ports.places.join(workflow.id, wake);
    const commit = (events: readonly RunEvent[]) => this.#journal.append(events);
    try {
      return new Run(workflow, header, { ...ports, places, commit, sweep: () => this.#clear(ports.sweep) }, history);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return { problem: ports.masks.maskText(`the run cannot be put together: ${error.message}`) };
    }
  }

  async #execute(run: Run): Promise<void> {
    if (await run.execute()) this.#finish();
  }

  async #fail(workflow: Workflow, reason: FailureReason, message: string): Promise<void> {
    await this.#abandon();
    await this.#endWith((history, now) => failedEvents(workflow, history, reason, message, now));
  }

  /** Ends the run without its being executed; of one that cannot be read any more nothing but its end is known. */
  async #endWith(events: ((history: readonly RunEvent[], now: number) => readonly RunEvent[]) | null): Promise<void> {
    const now = this.#ports.clock.now();
    const history = await this.#history();
    const bareEnd: RunEvent = { type: 'run-ended', at: now, status: 'failed', reason: null };
    await this.#journal.append(events ? events(history, now) : [bareEnd]);
    this.#finish();
  }

  async #history(): Promise<readonly RunEvent[]> {
    await this.#written;
    const history = await this.#ports.state.events(this.#id);
    this.#journal.continueAfter(history.length);
    return history;
  }

  /** An earlier program may have begun it: nothing of it may outlive its end. */
  #abandon(): Promise<void> {
    return this.#clear(() => this.#ports.abandon(this.#id));
  }

  /** What cannot be cleared away is told, and keeps no run from its end. */
  async #clear(action: (() => Promise<void>) | undefined): Promise<void> {
    try {
      await action?.();
    } catch (error) {
      this.#ports.uncleared(this.#id, error);
    }
  }

  /** A fault of our own ends the run: what ran is lost. When not even that can be done, it stands still until the next start. */
  async #guarded(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(await this.#isMade())) return this.#finish();
      this.#ports.broken(this.#id, error);
      await this.#giveUpBroken(error).catch(this.#break);
    }
  }

  #isMade(): Promise<boolean> {
    return this.#made.then(
      () => true,
      () => false,
    );
  }

  async #giveUpBroken(error: unknown): Promise<void> {
    const { workflow } = this;
    const why = `the run met an internal error: ${error instanceof Error ? error.message : String(error)}`;
    await this.#abandon();
    await this.#endWith(workflow && ((history, now) => lostEvents(workflow, history, why, now)));
  }

  get #id(): string {
    return this.record.header.id;
  }
}
