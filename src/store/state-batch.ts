import { ControlError } from '../model/control.ts';
import type { Change, Database } from '../model/database.ts';
import type { RunEvent } from '../model/event.ts';
import type { FiringRecord } from '../model/firing.ts';
import type { Json } from '../model/json.ts';
import type { AuditRecord, Definition, DeliveryRecord, RunRecord, StateBatch } from '../model/state-store.ts';
import type { TriggerState } from '../model/trigger.ts';
import { KEYS } from './keys.ts';
import { splitLargePayload } from './large-payload.ts';
import { indexKeys, keysOfRun, type LastNumber, type StoredRun, type StoredTrigger } from './run-index.ts';

/** One of the batch's calls, made into changes when all are. */
type Step = (draft: Draft) => void;

/**
 * Collects calls, and works out what they change when it is committed: what was decided between its making and its commit by
 * other batches then counts. Whatever contradicts the state is a fault of the caller, and nothing of the batch is written.
 */
export class DatabaseBatch implements StateBatch {
  readonly #database: Database;
  readonly #steps: Step[] = [];
  /** How many events the runs have that this batch writes. */
  readonly #sequences = new Map<string, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  createRun(record: RunRecord, events: readonly RunEvent[]): this {
    this.#sequences.set(record.header.id, events.length);
    return this.#add((draft) => createRun(draft, record, events));
  }

  append(run: string, expectedSeq: number, events: readonly RunEvent[]): this {
    const count = this.#sequences.get(run) ?? new Draft(this.#database).run(run).events;
    expectSequence(run, count, expectedSeq);
    this.#sequences.set(run, expectedSeq + events.length);
    return this.#add((draft) => append(draft, run, expectedSeq, events));
  }

  updateRun(record: RunRecord): this {
    return this.#add((draft) => updateRun(draft, record));
  }

  keepDefinition(definition: Definition): this {
    return this.#add((draft) => draft.put(KEYS.definition(definition.hash), definition));
  }

  recordFiring(firing: FiringRecord): this {
    return this.#add((draft) => recordFiring(draft, firing));
  }

  setTriggerState(workflow: string, trigger: string, state: TriggerState | null): this {
    const key = KEYS.trigger(workflow, trigger);
    return this.#add((draft) => {
      if (state === null) draft.remove(key);
      else draft.put(key, { workflow, trigger, state } satisfies StoredTrigger);
    });
  }

  setPaused(workflow: string | null, paused: boolean): this {
    const key = KEYS.paused(workflow);
    return this.#add((draft) => (paused ? draft.put(key, true) : draft.remove(key)));
  }

  recordDelivery(delivery: DeliveryRecord): this {
    return this.#add((draft) => recordDelivery(draft, delivery));
  }

  recordAudit(audit: AuditRecord): this {
    return this.#add((draft) => {
      const number = (draft.get<number>(KEYS.lastAudit) ?? 0) + 1;
      draft.put(KEYS.lastAudit, number);
      draft.put(KEYS.audit(number), audit);
    });
  }

  setRunSize(run: string, bytes: number): this {
    return this.#add((draft) => draft.put(KEYS.runSize(draft.run(run).record.header.id), bytes));
  }

  deleteRun(run: string): this {
    return this.#add((draft) => deleteRun(draft, run));
  }

  async commit(): Promise<void> {
    const draft = new Draft(this.#database);
    for (const step of this.#steps) step(draft);
    try {
      await this.#database.commit(draft.changes());
    } catch (error) {
      throw unwritable(error);
    }
  }

  #add(step: Step): this {
    this.#steps.push(step);
    return this;
  }
}

/** What the disk refuses is told as such to whoever asked; it may work later. */
function unwritable(error: unknown): unknown {
  if (!(error instanceof Error) || error.message.startsWith('Internal error')) return error;
  return new ControlError('disk-full', `state cannot be written: ${error.message}`);
}

/** What the state will be: the database with changes on top. */
class Draft {
  readonly #database: Database;
  readonly #changes = new Map<string, string | null>();
  readonly #texts = new Map<Json, string>();

  constructor(database: Database) {
    this.#database = database;
  }

  get<T>(key: string): T | undefined {
    const changed = this.#changes.get(key);
    const text = changed === undefined ? this.#database.get(key) : (changed ?? undefined);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  run(id: string): StoredRun {
    const stored = this.get<StoredRun>(KEYS.run(id));
    if (!stored) throw new Error(`Internal error: there is no run ${id}`);
    return stored;
  }

  /** The JSON of a value that may be asked for again, and is not small. */
  textOf(value: Json): string {
    const text = this.#texts.get(value) ?? JSON.stringify(value);
    this.#texts.set(value, text);
    return text;
  }

  put(key: string, value: unknown): void {
    this.#changes.set(key, JSON.stringify(value));
  }

  /** JSON that is text already. */
  putText(key: string, text: string): void {
    this.#changes.set(key, text);
  }

  /** A key that says everything. */
  mark(key: string): void {
    this.putText(key, '');
  }

  remove(key: string): void {
    this.#changes.set(key, null);
  }

  changes(): Change[] {
    return [...this.#changes].map(([key, value]) => ({ key, value }));
  }
}

function createRun(draft: Draft, record: RunRecord, events: readonly RunEvent[]): void {
  const { id, workflow, number } = record.header;
  if (draft.get(KEYS.run(id))) throw new Error(`Internal error: run ${id} exists already`);
  const last = draft.get<LastNumber>(KEYS.lastNumber(workflow))?.number ?? 0;
  if (number <= last) throw new Error(`Internal error: run ${number} of ${workflow} exists already`);
  const uses = draft.get<number>(KEYS.definitionUses(record.definition)) ?? 0;
  draft.put(KEYS.lastNumber(workflow), { workflow, number } satisfies LastNumber);
  draft.put(KEYS.definitionUses(record.definition), uses + 1);
  draft.put(KEYS.run(id), { record, events: 0 } satisfies StoredRun);
  for (const key of indexKeys(record)) draft.mark(key);
  append(draft, id, 0, events);
}

function append(draft: Draft, run: string, expectedSeq: number, events: readonly RunEvent[]): void {
  const stored = draft.run(run);
  expectSequence(run, stored.events, expectedSeq);
  const split = events.map((event) => splitLargePayload(event, (payload) => draft.textOf(payload)));
  const kept = split.map(({ event }) => event);
  if (events.length > 0) draft.put(KEYS.events(run, expectedSeq), kept);
  for (const { payload } of split) if (payload !== null) draft.putText(KEYS.payload(run), payload);
  draft.put(KEYS.run(run), { ...stored, events: expectedSeq + events.length } satisfies StoredRun);
}

function expectSequence(run: string, count: number, expected: number): void {
  if (count === expected) return;
  throw new Error(`Internal error: run ${run} has ${count} events, not ${expected}: two are writing`);
}

function updateRun(draft: Draft, record: RunRecord): void {
  const stored = draft.run(record.header.id);
  if (stored.record.definition !== record.definition) {
    throw new Error(`Internal error: run ${record.header.id} changed its definition`);
  }
  const [before, after] = [indexKeys(stored.record), indexKeys(record)];
  for (const key of before) if (!after.includes(key)) draft.remove(key);
  for (const key of after) if (!before.includes(key)) draft.mark(key);
  draft.put(KEYS.run(record.header.id), { ...stored, record } satisfies StoredRun);
}

function recordFiring(draft: Draft, firing: FiringRecord): void {
  const { workflow, trigger, key, at, id } = firing;
  draft.put(KEYS.firing(at, id), firing);
  draft.put(KEYS.firingOf(workflow, at, id), KEYS.firing(at, id));
  if (key === null) return;
  const occasion = KEYS.occasion(workflow, trigger, key);
  if (draft.get(occasion)) throw new Error(`Internal error: ${workflow} has decided ${key} of ${trigger} before`);
  draft.put(occasion, KEYS.firing(at, id));
}

function recordDelivery(draft: Draft, delivery: DeliveryRecord): void {
  const { source, id, at, bodyHash } = delivery;
  const earlier = draft.get<DeliveryRecord>(KEYS.delivery(source, id));
  if (earlier) draft.remove(KEYS.deliveryAt(earlier.at, source, id));
  draft.put(KEYS.delivery(source, id), delivery);
  draft.put(KEYS.deliveryBody(source, bodyHash), id);
  draft.put(KEYS.deliveryAt(at, source, id), KEYS.delivery(source, id));
}

function deleteRun(draft: Draft, run: string): void {
  const stored = draft.run(run);
  if (stored.record.endedAt === null) throw new Error(`Internal error: run ${run} is not over and cannot be removed`);
  for (const key of keysOfRun(stored)) draft.remove(key);
  const { definition } = stored.record;
  const uses = (draft.get<number>(KEYS.definitionUses(definition)) ?? 1) - 1;
  if (uses > 0) {
    draft.put(KEYS.definitionUses(definition), uses);
  } else {
    draft.remove(KEYS.definitionUses(definition));
    draft.remove(KEYS.definition(definition));
  }
}
