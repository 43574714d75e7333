import type { KeptRun } from '../model/state-store.ts';

/** How long ended runs are kept: until one of these bounds is passed. */
export interface RetentionLimits {
  readonly maxAgeMs: number;
  /** Of one workflow. */
  readonly maxRuns: number;
  /** Of all runs together. */
  readonly maxBytes: number;
}

/** A run that goes, and which bound it passes. */
export interface Removal {
  readonly run: KeptRun;
  readonly reason: 'age' | 'count' | 'bytes';
}

/**
 * Which of the runs that are over go, the oldest first. Age and count are looked at first; what is left then gives way to
 * younger runs until all fit. A run that was not measured counts as empty. `now` is ms since the epoch.
 */
export function planRetention(runs: readonly KeptRun[], limits: RetentionLimits, now: number): readonly Removal[] {
  const removals: Removal[] = [];
  const seen = new Map<string, number>();
  let bytes = 0;
  for (const run of [...runs].sort(newestFirst)) {
    const younger = seen.get(run.workflow) ?? 0;
    seen.set(run.workflow, younger + 1);
    const reason = now - run.endedAt > limits.maxAgeMs ? 'age' : younger >= limits.maxRuns ? 'count' : null;
    if (reason === null) bytes += run.bytes ?? 0;
    if (reason !== null) removals.push({ run, reason });
    else if (bytes > limits.maxBytes) removals.push({ run, reason: 'bytes' });
  }
  return removals.reverse();
}

function newestFirst(a: KeptRun, b: KeptRun): number {
  return b.endedAt - a.endedAt || (a.id < b.id ? 1 : -1);
}
