import { type FireOutcome, isBeyondLimits, occasionWish, type Request, type Wish } from '../engine/admission/wish.ts';
import type { StateStore } from '../model/state-store.ts';
import type { Delivery, Occasion, Trigger, TriggerState, Upcoming, WallClock } from '../model/trigger.ts';
import type { TriggerEntry, Workflow } from '../model/workflow.ts';

/** What a board takes from outside. */
export interface BoardPorts {
  readonly triggers: ReadonlyMap<string, Trigger>;
  readonly clock: WallClock;
  readonly state: StateStore;
  /** The one gate every firing goes through. */
  submit(request: Request): Promise<readonly FireOutcome[]>;
  /** Whether nothing new may begin any more. */
  isDraining(): boolean;
}

/** What a trigger made of a delivery. */
export interface Judgement {
  readonly wish: Wish;
  /** In words, for whoever sent it. */
  readonly decision: string;
}

interface Armed {
  readonly entry: TriggerEntry;
  readonly trigger: Trigger;
  state: TriggerState;
  readonly judges: Map<string, (delivery: Delivery) => Occasion | null>;
  dispose(): void;
}

/**
 * The triggers of all workflows that are in force. An entry that an edit leaves as it is stays armed and remembers what it has
 * decided; one that is changed or gone is forgotten, so that nothing from before the change is ever due.
 */
export class TriggerBoard {
  readonly #ports: BoardPorts;
  readonly #armed = new Map<string, Map<string, Armed>>();
  /** The entries whose state is stored, by workflow; read at once when it is first asked for. */
  #stored: Promise<Map<string, Set<string>>> | null = null;
  /** The versions in force, which an edit replaces. */
  readonly #workflows = new Map<string, Workflow>();

  constructor(ports: BoardPorts) {
    this.#ports = ports;
  }

  /** Arms a workflow as it is now, in place of what was armed for it. Resolves once that is durable. */
  async arm(workflow: Workflow): Promise<void> {
    const { id } = workflow;
    this.#workflows.set(id, workflow);
    const entries = new Map(workflow.triggers.map((entry) => [entry.identity, entry]));
    await this.#forget(id, (identity) => !entries.has(identity));
    const armed = this.#armed.get(id) ?? new Map<string, Armed>();
    this.#armed.set(id, armed);
    const fresh = [...entries.values()].filter(({ identity }) => !armed.has(identity));
    const states = await this.#remember(id, fresh);
    for (const entry of fresh) {
      const trigger = this.#ports.triggers.get(entry.kind);
      const state = states.get(entry.identity);
      if (trigger && state) armed.set(entry.identity, this.#arm(id, entry, trigger, state));
    }
  }

  /** Disarms a workflow that is gone. */
  async disarm(id: string): Promise<void> {
    this.#workflows.delete(id);
    await this.#forget(id, () => true);
    this.#armed.delete(id);
  }

  /** Asks every armed trigger of the delivery's source; those it is no business of say nothing. */
  judge(delivery: Delivery): readonly Judgement[] {
    const judgements: Judgement[] = [];
    for (const [id, armed] of this.#armed) {
      for (const { entry, judges } of armed.values()) {
        const occasion = judges.get(delivery.source)?.(delivery);
        if (occasion) judgements.push({ wish: this.#wish(id, entry, occasion), decision: inWords(id, occasion) });
      }
    }
    return judgements;
  }

  /** When the triggers of a workflow fire next, in order. */
  next(id: string, from: number, count: number): readonly (Upcoming & { readonly entry: TriggerEntry })[] {
    const all = [...(this.#armed.get(id)?.values() ?? [])].flatMap(({ entry, trigger, state }) =>
      trigger.next(entry.spec, state, from, count).map((upcoming) => ({ ...upcoming, entry })),
    );
    return all.sort((one, other) => one.at - other.at).slice(0, count);
  }

  /** Ids of the workflows that are armed. */
  ids(): readonly string[] {
    return [...this.#armed.keys()];
  }

  /** Disarms everything and forgets nothing. */
  close(): void {
    for (const armed of this.#armed.values()) for (const one of armed.values()) one.dispose();
    this.#armed.clear();
  }

  #arm(id: string, entry: TriggerEntry, trigger: Trigger, state: TriggerState): Armed {
    const judges: Armed['judges'] = new Map();
    const handle = trigger.arm(entry, {
      clock: this.#ports.clock,
      state,
      decide: (occasions, watermark) => this.#decide(id, entry, occasions, watermark),
      onDelivery: (source, judge) => void judges.set(source, judge),
    });
    return { entry, trigger, state, judges, dispose: () => handle.dispose() };
  }

  async #decide(id: string, entry: TriggerEntry, occasions: readonly Occasion[], watermark: number | null) {
    const armed = this.#armed.get(id)?.get(entry.identity);
    if (!armed) return;
    const { comesAgain = false } = armed.trigger;
    if (comesAgain && this.#ports.isDraining()) throw new Error('the daemon takes no new work; fire it again later');
    const state = watermark === null ? null : { ...armed.state, watermark };
    const triggerStates = state ? [{ workflow: id, trigger: entry.identity, state }] : [];
    const wishes = occasions.map((occasion) => this.#wish(id, entry, occasion));
    const outcomes = await this.#ports.submit({ wishes, triggerStates, comesAgain });
    const limited = comesAgain && outcomes.find(isBeyondLimits);
    if (limited) throw new Error(`${limited.firing.message}; fire it again later`);
    if (state) armed.state = state;
  }

  #wish(id: string, entry: TriggerEntry, occasion: Occasion): Wish {
    const workflow = this.#workflows.get(id) ?? { id, problem: 'the workflow is gone' };
    return occasionWish(workflow, entry, occasion, this.#ports.triggers.get(entry.kind)?.initiator ?? 'schedule');
  }

  /** What each entry remembers; what was never seen before begins now. */
  async #remember(id: string, entries: readonly TriggerEntry[]): Promise<ReadonlyMap<string, TriggerState>> {
    const { state, clock } = this.#ports;
    const batch = state.batch();
    const states = new Map<string, TriggerState>();
    let isNew = false;
    for (const { identity } of entries) {
      const known = state.triggerState(id, identity);
      const remembered = known ?? { activatedAt: clock.now(), watermark: null };
      states.set(identity, remembered);
      if (known) continue;
      isNew = true;
      batch.setTriggerState(id, identity, remembered);
    }
    if (isNew) await batch.commit();
    const stored = await this.#storedOf(id);
    for (const identity of states.keys()) stored.add(identity);
    return states;
  }

  async #forget(id: string, isGone: (identity: string) => boolean): Promise<void> {
    const { state } = this.#ports;
    const armed = this.#armed.get(id);
    for (const [identity, one] of armed ?? []) {
      if (!isGone(identity)) continue;
      one.dispose();
      armed?.delete(identity);
    }
    const stored = await this.#storedOf(id);
    const gone = [...stored].filter(isGone);
    if (gone.length === 0) return;
    const batch = state.batch();
    for (const identity of gone) batch.setTriggerState(id, identity, null);
    await batch.commit();
    for (const identity of gone) stored.delete(identity);
  }

  async #storedOf(id: string): Promise<Set<string>> {
    this.#stored ??= readStored(this.#ports.state);
    const all = await this.#stored;
    const stored = all.get(id) ?? new Set();
    all.set(id, stored);
    return stored;
  }
}

async function readStored(state: StateStore): Promise<Map<string, Set<string>>> {
  return new Map([...(await state.triggerStates())].map(([id, states]) => [id, new Set(states.keys())]));
}

function inWords(id: string, { verdict }: Occasion): string {
  return verdict.kind === 'fire' ? `${id}: fits` : `${id}: ${verdict.reason}: ${verdict.message}`;
}
