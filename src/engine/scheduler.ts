import type { CancelReason } from '../model/reason.ts';
import type { AuditRecord, RunRecord } from '../model/state-store.ts';
import type { Workflow } from '../model/workflow.ts';
import { Admission } from './admission/admission.ts';
import { beyondLimits } from './admission/beyond-limits.ts';
import { Decision } from './admission/decision.ts';
import { candidateOf } from './admission/new-run.ts';
import type { FireOutcome, FireWish, Request, Wish } from './admission/wish.ts';
import { HostedRun, type HostedRunPorts } from './hosted-run.ts';
import { SharedPlaces } from './places.ts';
import type { SchedulerPorts } from './scheduler-ports.ts';
import { Trouble } from './trouble.ts';

/** What became of the wish to cancel. */
export type CancelAnswer = 'cancelled' | 'ended' | 'unknown-run' | 'unknown-task';

/**
 * The one gate through which runs begin, and the owner of those that are not over. Every wish is decided in one step, on a state that
 * counts what is still on its way to the disk; a run begins when its turn has come, and starts nothing before its record is durable.
 */
export class Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #admission: Admission;
  readonly #runs = new Map<string, HostedRun>();
  readonly #trouble: Trouble;
  readonly #runPorts: HostedRunPorts;
  /** Why nothing new begins. */
  #closed: string | null = null;
  #stopping: 'detach' | 'cancel' | null = null;
  #whenIdle: (() => void)[] = [];

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
    this.#admission = new Admission(ports.limits.maxRuns);
    this.#trouble = new Trouble((message) => ports.listener.trouble(message));
    const { state, clock, listener } = ports;
    this.#runPorts = {
      ...ports,
      places: new SharedPlaces(ports.limits.maxParallel),
      broken: (run, error) => listener.broken(run, error),
      uncleared: (run, error) => listener.uncleared(run, error),
      journal: {
        state,
        clock,
        kept: (record, events) => listener.events(record, events),
        trouble: (run, message) => this.#trouble.set(run, message),
      },
    };
  }

  /** How many runs have begun and are not over. */
  get running(): number {
    return [...this.#runs.values()].filter((run) => run.hasBegun).length;
  }

  /** How many runs wait for their turn. */
  get queued(): number {
    return this.#runs.size - this.running;
  }

  get isDraining(): boolean {
    return this.#closed !== null;
  }

  /**
   * Ends every run an earlier program left unfinished, because nobody knows what became of them. To be called before `recover`.
   * Resolves to how many there were, once that is durable.
   */
  async giveUpAll(why: string): Promise<number> {
    const records = await this.#ports.state.unfinishedRuns();
    const workflows = new Map<string, Workflow | null>();
    await Promise.all(records.map((record) => this.#add(record, this.#reloaded(record, workflows)).giveUp(why)));
    return records.length;
  }

  /** Takes up every run an earlier program left unfinished, in their order. To be called once, before any wish. */
  async recover(): Promise<{ readonly running: number; readonly queued: number }> {
    const records = await this.#ports.state.unfinishedRuns();
    const inOrder = [...records].sort(
      (a, b) => a.header.createdAt - b.header.createdAt || a.header.number - b.header.number,
    );
    const workflows = new Map<string, Workflow | null>();
    const running = inOrder.filter(({ status }) => status === 'running');
    const queued = inOrder.filter(({ status }) => status === 'queued');
    for (const record of running) {
      const run = this.#add(record, this.#reloaded(record, workflows));
      this.#admission.addRunning(candidateOf(record, run.workflow));
    }
    for (const record of queued) {
      const run = this.#add(record, this.#reloaded(record, workflows));
      this.#admission.add(candidateOf(record, run.workflow));
      this.#admission.confirm(record.header.id);
      this.#limitWait(run);
    }
    await Promise.all(running.map(({ header }) => this.#start(header.id)));
    this.#startNext();
    return { running: running.length, queued: queued.length };
  }

  /** Decides one wish; see `decide`. */
  async fire(wish: Wish): Promise<FireOutcome> {
    const [outcome] = await this.decide({ wishes: [wish] });
    if (!outcome) throw new Error('Internal error: a wish without an outcome');
    return outcome;
  }

  /**
   * Decides wishes, one after the other, in one step. Resolves once all of it is durable, with an outcome for each. Rejects when it
   * could not be written: then nothing was decided. A delivery is taken whole or not at all: when a limit keeps it from one of its
   * runs, that is recorded, and everything else about it is left for when it comes again.
   */
  async decide(request: Request): Promise<readonly FireOutcome[]> {
    const decision = this.#judge(request.wishes);
    const refused = request.delivery || request.comesAgain ? beyondLimits(request.wishes, decision.outcomes) : [];
    if (refused.length === 0) return this.#settle(decision, request);
    decision.undo();
    return this.#settle(this.#judge(refused), { wishes: refused });
  }

  #judge(wishes: readonly Wish[]): Decision {
    const { state, clock, limits } = this.#ports;
    const { queueLimit } = limits;
    const grounds = { state, clock, queueLimit, admission: this.#admission, full: this.#ports.full() };
    const decision = new Decision({ ...grounds, closed: this.#closed });
    try {
      for (const wish of wishes) decision.decide(wish);
    } catch (error) {
      decision.undo();
      throw error;
    }
    return decision;
  }

  /** Makes a decision durable, and goes on from there. */
  async #settle(decision: Decision, request: Request): Promise<readonly FireOutcome[]> {
    const { made } = decision;
    const written = decision.commit(request);
    // What those that may begin at once write first shares the write that makes them (decision 0017).
    const runs = made.map(({ record, workflow }) => this.#add(record, workflow, written));
    for (const { record } of made) this.#admission.confirm(record.header.id);
    this.#startNext();
    try {
      await written;
    } catch (error) {
      decision.undo();
      for (const { record } of made) this.#runs.delete(record.header.id);
      this.#startNext();
      throw error;
    }
    this.#tell(decision);
    for (const run of runs) this.#limitWait(run);
    for (const id of made.flatMap(({ supersedes }) => supersedes)) void this.#supersede(id);
    return decision.outcomes;
  }

  #tell({ firings, made }: Decision): void {
    const { listener } = this.#ports;
    for (const firing of firings) listener.firing(firing);
    for (const { record, events } of made) listener.events(record, events);
  }

  /**
   * Stops a run, or one task of it. Resolves once that is durable; what runs is then being ended. A second time it spares nothing. A
   * run that waits ends at once, without starting anything.
   */
  async cancel(id: string, task: string | null = null, reason: CancelReason = 'user'): Promise<CancelAnswer> {
    const run = this.#runs.get(id);
    if (!run) return this.#ports.state.run(id) ? 'ended' : 'unknown-run';
    if (run.record.endedAt !== null) return 'ended';
    const wanted = task === null ? null : run.taskNamed(task);
    if (wanted === undefined) return 'unknown-task';
    if (wanted === null && !run.hasBegun) this.#admission.remove(id);
    await run.cancel(reason, wanted);
    return 'cancelled';
  }

  /** Pauses a workflow, or with null everything, or lets it go on. A pause of everything also holds the runs that wait. */
  async setPaused(workflow: string | null, paused: boolean, audit: AuditRecord): Promise<void> {
    await this.#ports.state.batch().setPaused(workflow, paused).recordAudit(audit).commit();
    this.#startNext();
  }

  /** From now on nothing new begins; what waits stays for the next start. */
  drain(why = 'the daemon is draining'): void {
    this.#closed ??= why;
  }

  /**
   * Decides the wish of a task that calls a workflow. Null when all runs are being ended; when they are left to the next daemon it never
   * resolves, since that one asks again.
   */
  async call(wish: FireWish): Promise<FireOutcome | null> {
    if (this.#stopping === 'detach') return NEVER;
    return this.#stopping === 'cancel' ? null : this.fire(wish);
  }

  /** Whether a run was asked to stop as a whole. */
  isStopping(id: string): boolean {
    return this.#runs.get(id)?.isStopping ?? false;
  }

  /** Resolves once a run is over, and rejects when it met a fault of our own. Never settles for one that is let go. */
  over(id: string): Promise<void> {
    return this.#runs.get(id)?.over ?? Promise.resolve();
  }

  /** The plan of a run that is not over; null when there is none. */
  workflowOf(id: string): Workflow | null {
    return this.#runs.get(id)?.workflow ?? null;
  }

  /** Resolves once no run is running. */
  idle(): Promise<void> {
    if (this.running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /**
   * Ends the work of this scheduler. `detach` leaves the runs, and what they run, for the next one to take up; `cancel` ends those
   * that have begun, a second time without patience. Resolves once nothing is left to do.
   */
  async stop(how: 'detach' | 'cancel'): Promise<void> {
    this.drain('the daemon is stopping');
    this.#stopping = how;
    const begun = [...this.#runs.values()].filter((run) => run.hasBegun);
    // What breaks a run on the way is told to the listener.
    await Promise.allSettled(begun.map((run) => (how === 'detach' ? run.letGo() : run.shutDown())));
  }

  #reloaded({ definition: hash }: RunRecord, known: Map<string, Workflow | null>): Workflow | null {
    const found = known.get(hash);
    if (found !== undefined) return found;
    const definition = this.#ports.state.definition(hash);
    const workflow = definition ? this.#ports.reload(definition) : null;
    known.set(hash, workflow);
    return workflow;
  }

  async #supersede(id: string): Promise<void> {
    if (this.#runs.get(id)?.isStopping) return;
    await this.cancel(id, null, 'superseded');
  }

  #add(record: RunRecord, workflow: Workflow | null, made: Promise<unknown> = Promise.resolve()): HostedRun {
    const run = new HostedRun(this.#runPorts, record, workflow, made);
    const { id } = record.header;
    this.#runs.set(id, run);
    run.over.then(() => this.#makeRoom(id), noted);
    run.closed.then(
      () => this.#forget(id),
      (error) => this.#ports.listener.stuck(id, error),
    );
    return run;
  }

  #limitWait(run: HostedRun): void {
    const { id, createdAt } = run.record.header;
    const { queueTimeoutMs } = this.#ports.limits;
    if (queueTimeoutMs === null || run.hasBegun) return;
    const waited = Math.max(0, this.#ports.clock.now() - createdAt);
    run.waitAtMost(Math.max(0, queueTimeoutMs - waited), () => void this.cancel(id, null, 'queue_timeout'));
  }

  #startNext(): void {
    while (this.#stopping === null) {
      const isHeld = this.#closed !== null || this.#ports.state.isPaused(null);
      const id = this.#admission.next(isHeld);
      if (id === undefined) return;
      void this.#start(id);
    }
  }

  /** Resolves once the run goes on by itself. */
  #start(id: string): Promise<void> {
    const run = this.#runs.get(id);
    if (!run) throw new Error(`Internal error: no run ${id}`);
    return run.start();
  }

  #makeRoom(id: string): void {
    this.#admission.remove(id);
    this.#startNext();
  }

  #forget(id: string): void {
    this.#runs.delete(id);
    if (this.#whenIdle.length === 0 || this.running > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

const NEVER = new Promise<never>(() => {});

/** What keeps a run from its end is told when it closes. */
function noted(): void {}
