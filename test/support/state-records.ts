import type { FiringRecord } from '../../src/model/firing.ts';
import type { RunRecord } from '../../src/model/state-store.ts';

/** The id of the run made at a time, in order of time. */
export function idAt(at: number): string {
  const digits = at.toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
}

/** A queued run of `ci`, as it was made at a time. */
export function runRecord(
  at: number,
  rest: Partial<RunRecord> & { workflow?: string; number?: number } = {},
): RunRecord {
  const { workflow = 'ci', number = at, ...record } = rest;
  return {
    header: { id: idAt(at), number, workflow, inputs: {}, only: null, createdAt: at },
    trigger: { kind: 'manual', event: '', branch: '', sender: '' },
    status: 'queued',
    reason: null,
    definition: 'd1',
    group: null,
    env: {},
    withSecrets: true,
    initiator: 'cli',
    firing: `f${at}`,
    rerunOf: null,
    startedAt: null,
    endedAt: null,
    ...record,
  };
}

/** A firing of `ci` by its cron entry, decided at a time. */
export function firingRecord(at: number, rest: Partial<FiringRecord> = {}): FiringRecord {
  return {
    id: idAt(at),
    workflow: 'ci',
    trigger: 'cron:a',
    kind: 'cron',
    key: null,
    at,
    dueAt: at,
    decision: 'fired',
    reason: null,
    message: '',
    run: null,
    count: 1,
    initiator: 'schedule',
    ...rest,
  };
}
