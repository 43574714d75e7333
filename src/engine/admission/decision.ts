import type { FiringRecord, SkipCause } from '../../model/firing.ts';
import type { Clock } from '../../model/ports.ts';
import type { RunRecord, StateBatch, StateStore } from '../../model/state-store.ts';
import { TemplateError } from '../../model/template.ts';
import type { Workflow } from '../../model/workflow.ts';
import { runId } from '../../util/run-id.ts';
import type { Admission } from './admission.ts';
import { candidateOf, type NewRun, newRun } from './new-run.ts';
import { BY_HAND, type FireOutcome, type FireWish, isBroken, type Request, type Wish } from './wish.ts';

/** What decisions are made on. */
export interface Grounds {
  readonly state: StateStore;
  readonly admission: Admission;
  readonly clock: Clock;
  /** Most runs that wait for their turn. */
  readonly queueLimit: number;
  /** Why no run may be made at all, such as a full disk, or null. */
  readonly full: string | null;
  /** Why nothing new may begin, such as a drain, or null. */
  readonly closed: string | null;
}

/** A run that was decided on and is not durable yet. */
export interface MadeRun extends NewRun {
  readonly workflow: Workflow;
  /** Runs of its group that must make room, once this one is durable. */
  readonly supersedes: readonly string[];
}

/** Why a wish starts nothing, and the run in its way if that is the reason. */
interface Refusal {
  readonly reason: SkipCause;
  readonly message: string;
  readonly run?: string;
}

/**
 * Decides wishes one after the other, without waiting in between, and collects what must become durable for all of them. The runs
 * it makes count in the admission at once; `undo` takes them out again.
 */
export class Decision {
  readonly outcomes: FireOutcome[] = [];
  readonly made: MadeRun[] = [];
  readonly #grounds: Grounds;
  readonly #batch: StateBatch;
  readonly #now: number;
  /** What this decision has decided already, by occasion. */
  readonly #decided = new Map<string, FiringRecord>();
  /** How many ids it has given away: those of one moment sort in the order they were given. */
  #ids = 0;
  /** Numbers this decision has given away, by workflow. */
  readonly #numbers = new Map<string, number>();

  constructor(grounds: Grounds) {
    this.#grounds = grounds;
    this.#now = grounds.clock.now();
    this.#batch = grounds.state.batch();
  }

  /** The firings that are new, in order. */
  get firings(): readonly FiringRecord[] {
    return this.outcomes.flatMap(({ firing, isDuplicate }) => (isDuplicate ? [] : [firing]));
  }

  decide(wish: Wish): void {
    const earlier = this.#earlier(wish);
    if (earlier) {
      this.outcomes.push({ firing: earlier, run: null, isDuplicate: true });
      return;
    }
    const refusal = 'refused' in wish ? wish.refused : (this.#refusal(wish) ?? this.#tryToMake(wish));
    if (refusal) this.#record({ ...this.#firing(wish, 'skipped'), ...refusal }, null);
  }

  /** Makes what was decided durable, and with it what else the request asks for. */
  commit({ triggerStates = [], delivery, audits = [] }: Request): Promise<void> {
    for (const { workflow, trigger, state } of triggerStates) this.#batch.setTriggerState(workflow, trigger, state);
    for (const audit of audits) this.#batch.recordAudit(audit);
    const runs = this.outcomes.flatMap(({ firing }) => firing.run ?? []);
    if (delivery) this.#batch.recordDelivery({ ...delivery, runs });
    return this.#batch.commit();
  }

  undo(): void {
    for (const { record } of this.made.reverse()) this.#grounds.admission.remove(record.header.id);
  }

  /** Why a wish starts nothing, as far as that does not depend on the run it would make. */
  #refusal(wish: FireWish): Refusal | null {
    const { admission, full } = this.#grounds;
    const { workflow } = wish;
    const pause = this.#pauseOf(wish);
    if (pause !== null) return { reason: 'paused', message: pause };
    if (isBroken(workflow)) return { reason: 'invalid', message: workflow.problem };
    if (full !== null) return { reason: 'disk-full', message: full };
    const run = wish.overlap === 'skip' ? admission.oldest(workflow.id) : undefined;
    return run === undefined ? null : { reason: 'overlap', message: 'an earlier run is not over', run };
  }

  #tryToMake(wish: FireWish): Refusal | null {
    if (isBroken(wish.workflow)) throw new Error('Internal error: a broken workflow was not refused');
    try {
      return this.#make(wish, wish.workflow);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return { reason: 'invalid', message: `concurrency.group: ${error.message}` };
    }
  }

  #make(wish: FireWish, workflow: Workflow): Refusal | null {
    const { state, admission, queueLimit } = this.#grounds;
    const firing = this.#firing(wish, 'fired');
    const number = (this.#numbers.get(workflow.id) ?? state.nextNumber(workflow.id) - 1) + 1;
    const run = newRun(wish, workflow, { id: this.#id(), number, firing: firing.id, now: this.#now });
    const { id } = run.record.header;
    const crowd = this.#crowd(run, workflow);
    const conflict = workflow.concurrency?.onConflict;
    if (conflict === 'skip' && crowd[0] !== undefined) {
      const message = `concurrency group "${run.record.group}" has no room`;
      return { reason: 'overlap', message, run: crowd[0] };
    }
    if (!admission.add(candidateOf(run.record, workflow)) && admission.waiting > queueLimit) {
      admission.remove(id);
      return { reason: 'limit', message: `the queue is full: ${queueLimit} waiting already` };
    }
    this.#numbers.set(workflow.id, number);
    this.made.push({ ...run, workflow, supersedes: conflict === 'cancel_running' ? crowd : [] });
    this.#keep(run, { ...firing, run: id });
    return null;
  }

  /** The oldest runs of the group, as many as there are too many for one more. */
  #crowd({ record }: NewRun, { concurrency }: Workflow): readonly string[] {
    if (record.group === null || !concurrency) return [];
    const members = this.#grounds.admission.membersOf(record.group);
    return members.slice(0, Math.max(0, members.length + 1 - concurrency.limit));
  }

  #keep(run: NewRun, firing: FiringRecord): void {
    if (!this.#grounds.state.definition(run.definition.hash)) this.#batch.keepDefinition(run.definition);
    this.#batch.createRun(run.record, run.events);
    this.#record(firing, run.record);
  }

  #record(firing: FiringRecord, run: RunRecord | null): void {
    this.#batch.recordFiring(firing);
    this.outcomes.push({ firing, run, isDuplicate: false });
    if (firing.key !== null) this.#decided.set(occasionOf(firing.workflow, firing.trigger, firing.key), firing);
  }

  #firing(wish: Wish, decision: FiringRecord['decision']): FiringRecord {
    const { trigger, kind, key, dueAt, count, initiator } = wish;
    const origin = { trigger, kind, key, dueAt, count, initiator };
    const verdict = { decision, reason: null, message: '', run: null };
    return { id: this.#id(), workflow: wish.workflow.id, at: this.#now, ...origin, ...verdict };
  }

  #id(): string {
    return runId(this.#now, this.#ids++);
  }

  #earlier({ workflow, trigger, key }: Wish): FiringRecord | undefined {
    if (key === null) return undefined;
    return (
      this.#decided.get(occasionOf(workflow.id, trigger, key)) ??
      this.#grounds.state.firingOf(workflow.id, trigger, key)
    );
  }

  /** A paused workflow still runs by hand, a paused daemon runs nothing new. What a run calls is not new. */
  #pauseOf({ workflow, trigger, call }: FireWish): string | null {
    if (call) return null;
    const { state, closed } = this.#grounds;
    if (closed !== null) return closed;
    if (state.isPaused(null)) return 'the daemon is paused';
    return trigger !== BY_HAND && state.isPaused(workflow.id) ? 'the workflow is paused' : null;
  }
}

function occasionOf(workflow: string, trigger: string, key: string): string {
  return JSON.stringify([workflow, trigger, key]);
}
