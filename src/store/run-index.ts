import type { RunQuery, RunRecord } from '../model/state-store.ts';
import type { TriggerState } from '../model/trigger.ts';
import { KEYS, padded, prefixOf } from './keys.ts';

/** What stands under the key of a run. */
export interface StoredRun {
  readonly record: RunRecord;
  /** How many events it has. */
  readonly events: number;
}

/** What stands under the key of a workflow's newest number. */
export interface LastNumber {
  readonly workflow: string;
  readonly number: number;
}

/** What stands under the key of a trigger. */
export interface StoredTrigger {
  readonly workflow: string;
  readonly trigger: string;
  readonly state: TriggerState;
}

/** The tables of `indexKeys`. */
export const INDEX_TABLES = ['run-of', 'run-in', 'run-of-in', 'unfinished', 'untold', 'ended', 'ended-of'] as const;

/** Every key under which a run is found without reading others. The last part is its id; the value is empty. */
export function indexKeys({ header: { id, workflow }, status, endedAt, untold }: RunRecord): readonly string[] {
  const keys = [
    prefixOf('run-of', workflow) + id,
    prefixOf('run-in', status) + id,
    prefixOf('run-of-in', workflow, status) + id,
  ];
  if (endedAt === null) return [...keys, prefixOf('unfinished') + id];
  return [
    ...keys,
    ...(untold ? [prefixOf('untold') + id] : []),
    `${endedTable(undefined) + padded(endedAt)}/${id}`,
    `${endedTable(workflow) + padded(endedAt)}/${id}`,
  ];
}

/** The table that holds the runs of a query, and no others but by age. */
export function tableOf({ workflow, status }: Pick<RunQuery, 'workflow' | 'status'>): string {
  if (workflow !== undefined && status !== undefined) return prefixOf('run-of-in', workflow, status);
  if (workflow !== undefined) return prefixOf('run-of', workflow);
  return status === undefined ? prefixOf('run') : prefixOf('run-in', status);
}

/** The table of the runs that are over, of all workflows or of one, by their ends. */
export function endedTable(workflow: string | undefined): string {
  return workflow === undefined ? prefixOf('ended') : prefixOf('ended-of', workflow);
}

/** Every key a run may have but those of its definition. */
export function keysOfRun({ record, events }: StoredRun): readonly string[] {
  const { id } = record.header;
  const journal = Array.from({ length: events }, (_, seq) => KEYS.events(id, seq));
  return [KEYS.run(id), KEYS.runSize(id), KEYS.payload(id), ...indexKeys(record), ...journal];
}
