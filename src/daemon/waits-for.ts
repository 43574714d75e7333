import type { RunRecord } from '../model/state-store.ts';

/** What the turn of a run hangs on besides itself. */
export interface Turn {
  /** All runs that are queued or running, oldest first. */
  readonly unfinished: readonly RunRecord[];
  /** How many of its concurrency group may run at once. */
  readonly limit: number;
  /** What keeps all runs from beginning that nobody called. */
  readonly hold: 'draining' | 'paused' | null;
}

/** What a queued run waits for, in words; null when it does not wait. The order is that of the admission. */
export function waitsFor(run: RunRecord, { unfinished, limit, hold }: Turn): string | null {
  if (run.status !== 'queued') return null;
  if (hold !== null && run.parent === undefined) return HOLDS[hold];
  const { group } = run;
  const older = unfinished.filter(({ header }) => header.id < run.header.id);
  const holders = unfinished.filter((other) => other.group === group && other.status === 'running');
  const before = older.filter((other) => other.group === group && other.status === 'queued');
  if (group !== null && (holders.length >= limit || before.length > 0)) {
    return `room in the concurrency group "${group}": ${names([...holders, ...before])}`;
  }
  const earlier = older.filter(({ header }) => header.workflow === run.header.workflow);
  if (run.serial && earlier.length > 0) return `earlier runs of its workflow: ${names(earlier)}`;
  return 'a free place among all runs (max_runs)';
}

function names(runs: readonly RunRecord[]): string {
  const shown = runs.slice(0, MOST_NAMED).map(({ header }) => `${header.workflow}#${header.number}`);
  return runs.length > MOST_NAMED ? `${shown.join(', ')} and ${runs.length - MOST_NAMED} more` : shown.join(', ');
}

const MOST_NAMED = 5;

const HOLDS = {
  draining: 'the daemon to be started again: it is draining',
  paused: 'the daemon to be resumed',
} as const;
