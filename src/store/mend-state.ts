import type { Change, Database } from '../model/database.ts';
import { KEYS, lastPart, prefixOf } from './keys.ts';
import { INDEX_TABLES, indexKeys, type LastNumber, type StoredRun } from './run-index.ts';

/** What was done to the runs of a state whose database had lost commits, by their ids. */
export interface MendedRuns {
  /** Their first event was lost, or that they had been taken away: nothing could be made of them, and they are taken away. */
  readonly removed: readonly string[];
  /** Events in the middle were lost: their journals end before the first that is missing. */
  readonly shortened: readonly string[];
}

/**
 * Puts the state in order after a loss of commits: everything then fits together again, though some of it is as it was before.
 * Reads the whole database. Unfinished runs and schedules know nothing of what was lost: what becomes of them is for the caller.
 */
export async function mendState(database: Database): Promise<MendedRuns> {
  const draft = new Map<string, string | null>();
  const stored = await readTable<StoredRun>(database, 'run');
  const { kept, ...mended } = await mendJournals(database, [...stored.values()], draft);
  await mendIndexes(database, kept, draft);
  await mendDefinitions(database, kept, draft);
  mendNumbers(database, kept, draft);
  await mendAudit(database, draft);
  await database.commit([...draft].map(([key, value]): Change => ({ key, value })));
  return mended;
}

type Draft = Map<string, string | null>;

async function mendJournals(database: Database, runs: readonly StoredRun[], draft: Draft) {
  const journals = await readJournals(database);
  const kept: StoredRun[] = [];
  const removed: string[] = [];
  const shortened: string[] = [];
  for (const run of runs) {
    const { id } = run.record.header;
    const parts = journals.get(id) ?? [];
    const defined = database.get(KEYS.definition(run.record.definition)) !== undefined;
    const events = defined ? Math.min(run.events, leading(parts)) : 0;
    if (events > 0) kept.push({ ...run, events });
    if (events === 0) {
      removed.push(id);
      draft.set(KEYS.run(id), null);
    } else if (events < run.events) {
      shortened.push(id);
      draft.set(KEYS.run(id), JSON.stringify({ ...run, events } satisfies StoredRun));
    }
    journals.set(
      id,
      parts.filter(({ seq }) => seq >= events),
    );
  }
  // What is left belongs to no run any more.
  for (const [id, parts] of journals) for (const { seq } of parts) draft.set(KEYS.events(id, seq), null);
  return { kept, removed, shortened };
}

/** Events that were added together: the number of the first, and how many. */
interface Part {
  readonly seq: number;
  readonly count: number;
}

/** The events that are there, in order, by run. */
async function readJournals(database: Database): Promise<Map<string, Part[]>> {
  const journals = new Map<string, Part[]>();
  for await (const { key, value } of database.list({ prefix: prefixOf('events') })) {
    const id = key.slice(prefixOf('events').length, key.lastIndexOf('/'));
    const parts = journals.get(id) ?? [];
    parts.push({ seq: Number(lastPart(key)), count: (JSON.parse(value) as unknown[]).length });
    journals.set(id, parts);
  }
  return journals;
}

/** How many events there are before the first that is missing. */
function leading(parts: readonly Part[]): number {
  let events = 0;
  for (const { seq, count } of parts) {
    if (seq !== events) break;
    events += count;
  }
  return events;
}

async function mendIndexes(database: Database, runs: readonly StoredRun[], draft: Draft): Promise<void> {
  const wanted = new Set(runs.flatMap(({ record }) => indexKeys(record)));
  for (const table of INDEX_TABLES) {
    for await (const { key } of database.list({ prefix: prefixOf(table) })) {
      if (!wanted.delete(key)) draft.set(key, null);
    }
  }
  for (const key of wanted) draft.set(key, '');
}

async function mendDefinitions(database: Database, runs: readonly StoredRun[], draft: Draft): Promise<void> {
  const uses = new Map<string, number>();
  for (const { record } of runs) {
    const key = KEYS.definitionUses(record.definition);
    uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  for (const key of (await readTable(database, 'definition-uses')).keys()) if (!uses.has(key)) draft.set(key, null);
  for (const [key, count] of uses) draft.set(key, JSON.stringify(count));
  for (const [key, { hash }] of await readTable<{ hash: string }>(database, 'definition')) {
    if (!uses.has(KEYS.definitionUses(hash))) draft.set(key, null);
  }
}

/** No number is given twice. */
function mendNumbers(database: Database, runs: readonly StoredRun[], draft: Draft): void {
  const newest = new Map<string, number>();
  for (const { record } of runs) {
    const { workflow, number } = record.header;
    newest.set(workflow, Math.max(newest.get(workflow) ?? 0, number));
  }
  for (const [workflow, number] of newest) {
    const text = database.get(KEYS.lastNumber(workflow));
    if (text !== undefined && (JSON.parse(text) as LastNumber).number >= number) continue;
    draft.set(KEYS.lastNumber(workflow), JSON.stringify({ workflow, number } satisfies LastNumber));
  }
}

async function mendAudit(database: Database, draft: Draft): Promise<void> {
  for await (const { key } of database.list({ prefix: prefixOf('audit'), reverse: true, limit: 1 })) {
    draft.set(KEYS.lastAudit, JSON.stringify(Number(lastPart(key))));
  }
}

async function readTable<T>(database: Database, table: string): Promise<Map<string, T>> {
  const entries = new Map<string, T>();
  for await (const { key, value } of database.list({ prefix: prefixOf(table) }))
    entries.set(key, JSON.parse(value) as T);
  return entries;
}
