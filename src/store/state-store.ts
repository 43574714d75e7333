import type { Database, Range } from '../model/database.ts';
import type { RunEvent } from '../model/event.ts';
import type { FiringRecord } from '../model/firing.ts';
import type { Json } from '../model/json.ts';
import type {
  AuditRecord,
  Definition,
  DeliveryRecord,
  EndedQuery,
  KeptRun,
  NumberedAudit,
  RunQuery,
  RunRecord,
  StateStore,
} from '../model/state-store.ts';
import type { TriggerState } from '../model/trigger.ts';
import { forgetOld } from './forget-old.ts';
import { KEYS, lastPart, padded, partsOf, prefixOf } from './keys.ts';
import { joinLargePayload } from './large-payload.ts';
import { endedTable, type LastNumber, type StoredRun, type StoredTrigger, tableOf } from './run-index.ts';
import { DatabaseBatch } from './state-batch.ts';

/** How many characters of a run's id it takes to look for it. */
const SHORTEST_ID = 8;

/** The state of a daemon, kept in a database. */
export function createStateStore(database: Database): StateStore {
  return new DatabaseState(database);
}

class DatabaseState implements StateStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  batch(): DatabaseBatch {
    return new DatabaseBatch(this.#database);
  }

  run(id: string): RunRecord | undefined {
    return this.#get<StoredRun>(KEYS.run(id))?.record;
  }

  async findRun(id: string): Promise<readonly string[]> {
    if (this.run(id)) return [id];
    if (id.length < SHORTEST_ID || !/^[\w.-]+$/.test(id)) return [];
    return (await this.#keys({ prefix: KEYS.run(id) })).map(lastPart);
  }

  async runs(query: RunQuery): Promise<{ readonly runs: readonly RunRecord[]; readonly more: boolean }> {
    const prefix = tableOf(query);
    const before = query.before === undefined ? {} : { before: prefix + query.before };
    const runs: RunRecord[] = [];
    for await (const { key } of this.#database.list({ prefix, ...before, reverse: true })) {
      const record = this.#indexed(key);
      if (!record || (query.status !== undefined && record.status !== query.status)) continue;
      if (query.since !== undefined && record.header.createdAt < query.since) break;
      if (runs.length === query.limit) return { runs, more: true };
      runs.push(record);
    }
    return { runs, more: false };
  }

  async unfinishedRuns(): Promise<readonly RunRecord[]> {
    const keys = await this.#keys({ prefix: prefixOf('unfinished') });
    const records = keys.map((key) => this.#indexed(key)).filter((record) => record !== undefined);
    return records.filter(({ endedAt }) => endedAt === null);
  }

  async untoldRuns(): Promise<readonly string[]> {
    const keys = await this.#keys({ prefix: prefixOf('untold') });
    return keys.filter((key) => this.#database.get(key) !== undefined).map(lastPart);
  }

  async events(run: string, from = 0): Promise<readonly RunEvent[]> {
    const count = this.#get<StoredRun>(KEYS.run(run))?.events ?? 0;
    const events: RunEvent[] = [];
    while (events.length < count) {
      const next = this.#get<readonly RunEvent[]>(KEYS.events(run, events.length));
      if (!next) throw new Error(`event ${events.length} of run ${run} is missing from the store`);
      for (const event of next) events.push(joinLargePayload(event, (id) => this.#payload(id)));
    }
    return events.slice(from);
  }

  async journalBytes(run: string): Promise<number> {
    let bytes = Buffer.byteLength(this.payloadText(run) ?? '');
    for await (const { value } of this.#database.list({ prefix: prefixOf('events', run) })) {
      bytes += Buffer.byteLength(value);
    }
    return bytes;
  }

  payloadText(run: string): string | undefined {
    return this.#database.get(KEYS.payload(run));
  }

  nextNumber(workflow: string): number {
    return (this.#get<LastNumber>(KEYS.lastNumber(workflow))?.number ?? 0) + 1;
  }

  definition(hash: string): Definition | undefined {
    return this.#get(KEYS.definition(hash));
  }

  firingOf(workflow: string, trigger: string, key: string): FiringRecord | undefined {
    return this.#follow(KEYS.occasion(workflow, trigger, key));
  }

  async firings(query: Parameters<StateStore['firings']>[0]): Promise<readonly FiringRecord[]> {
    const { workflow, until, limit } = query;
    const prefix = workflow === undefined ? prefixOf('firing') : prefixOf('firing-of', workflow);
    const before = until === undefined ? {} : { before: prefix + padded(until + 1) };
    const range = { prefix, ...before, reverse: true, limit };
    const keys = await this.#keys(range);
    const firings = keys.map((key) => (workflow === undefined ? this.#get(key) : this.#follow(key)));
    return firings.filter((firing): firing is FiringRecord => firing !== undefined);
  }

  triggerState(workflow: string, trigger: string): TriggerState | undefined {
    return this.#get<StoredTrigger>(KEYS.trigger(workflow, trigger))?.state;
  }

  async triggerStates(): Promise<ReadonlyMap<string, ReadonlyMap<string, TriggerState>>> {
    const states = new Map<string, Map<string, TriggerState>>();
    for (const key of await this.#keys({ prefix: prefixOf('trigger') })) {
      const entry = this.#get<StoredTrigger>(key);
      if (!entry) continue;
      const { workflow, trigger, state } = entry;
      const known = states.get(workflow) ?? new Map<string, TriggerState>();
      states.set(workflow, known.set(trigger, state));
    }
    return states;
  }

  async triggeredWorkflows(): Promise<readonly string[]> {
    const keys = await this.#keys({ prefix: prefixOf('trigger') });
    const kept = keys.filter((key) => this.#database.get(key) !== undefined);
    return [...new Set(kept.map((key) => partsOf(key)[0] ?? ''))];
  }

  isPaused(workflow: string | null): boolean {
    return this.#get(KEYS.paused(workflow)) !== undefined;
  }

  delivery(source: string, id: string): DeliveryRecord | undefined {
    return this.#get(KEYS.delivery(source, id));
  }

  deliveryOfBody(source: string, bodyHash: string): DeliveryRecord | undefined {
    const id = this.#get<string>(KEYS.deliveryBody(source, bodyHash));
    return id === undefined ? undefined : this.delivery(source, id);
  }

  async audits({ before, limit }: { before?: number; limit: number }): Promise<readonly NumberedAudit[]> {
    const older = before === undefined ? {} : { before: KEYS.audit(before) };
    const keys = await this.#keys({ prefix: prefixOf('audit'), ...older, reverse: true, limit });
    return keys.flatMap((key) => {
      const audit = this.#get<AuditRecord>(key);
      return audit === undefined ? [] : [{ ...audit, number: Number(lastPart(key)) }];
    });
  }

  async workflows(): Promise<readonly string[]> {
    const keys = await this.#keys({ prefix: prefixOf('last-number') });
    return keys.map((key) => this.#get<LastNumber>(key)?.workflow).filter((workflow) => workflow !== undefined);
  }

  async endedRuns({ workflow, until, keep = 0, limit }: EndedQuery): Promise<readonly RunRecord[]> {
    const prefix = endedTable(workflow);
    const before = until === undefined ? {} : { before: prefix + padded(until + 1) };
    const most = keep === 0 ? { limit } : {};
    const keys = await this.#keys({ prefix, ...before, ...most });
    const oldest = keys.slice(0, keys.length - keep).slice(0, limit);
    return oldest.map((key) => this.#indexed(key)).filter((record) => record !== undefined);
  }

  async keptRuns(): Promise<readonly KeptRun[]> {
    const sizes = await this.#runSizes();
    return (await this.#keys({ prefix: prefixOf('ended-of') })).map((key) => {
      const [workflow = '', endedAt, id = ''] = partsOf(key);
      return { id, workflow, endedAt: Number(endedAt), bytes: sizes.get(id) ?? null };
    });
  }

  forget(now: number): Promise<number> {
    return forgetOld(this.#database, now);
  }

  /** One list, read piece by piece: to get each would keep everybody waiting where there are many. */
  async #runSizes(): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for await (const { key, value } of this.#database.list({ prefix: prefixOf('run-size') })) {
      sizes.set(lastPart(key), JSON.parse(value));
    }
    return sizes;
  }

  /** The run an index entry is about; none when the entry is about to go. */
  #indexed(key: string): RunRecord | undefined {
    const record = this.run(lastPart(key));
    if (!record && this.#database.get(key) !== undefined) {
      throw new Error(`run ${lastPart(key)} is missing from the database`);
    }
    return record;
  }

  #get<T>(key: string): T | undefined {
    const text = this.#database.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  #payload(run: string): Json {
    const payload = this.#get<Json>(KEYS.payload(run));
    if (payload === undefined) throw new Error(`the payload of run ${run} is missing from the store`);
    return payload;
  }

  /** What stands under the key that stands under a key. */
  #follow<T>(key: string): T | undefined {
    const target = this.#get<string>(key);
    return target === undefined ? undefined : this.#get(target);
  }

  async #keys(range: Range): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#database.list(range)) keys.push(key);
    return keys;
  }
}
