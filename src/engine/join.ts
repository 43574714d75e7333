import type { TaskEnd } from '../model/run.ts';
import type { MatrixRole } from '../model/workflow.ts';

/** A matrix task's join. */
export type Join = Extract<MatrixRole, { kind: 'join' }>;

/**
 * How a matrix task ends, from the ends of its instances: cancelled if any was (other than by the failure of another under
 * `fail_fast`), else failed if any was, else skipped if all
 * were, else with success. What `--only` left out does not count. Reason and exit code are those of the first instance
 * that decides.
 */
export function joinEnd(all: readonly TaskEnd[]): TaskEnd {
  const asked = all.filter((end) => !(end.status === 'skipped' && end.reason === 'not_selected'));
  const ends = asked.length > 0 ? asked : all;
  const told = (status: TaskEnd['status']) => `${countOf(ends, status)} of ${ends.length} combinations ${status}`;
  const failed = ends.find((end) => end.status === 'failed');
  // What a failure took with it under fail_fast must not hide the failure from its handler.
  const decisive = failed ? ends.filter((end) => !('reason' in end && end.reason === 'fail_fast')) : ends;
  const cancelled = decisive.find((end) => end.status === 'cancelled');
  if (cancelled) return { ...bare(cancelled), message: told('cancelled') };
  if (failed) return { ...bare(failed), outputs: {}, message: `${told('failed')}: ${failed.message}` };
  const success = ends.find((end) => end.status === 'success');
  if (!success) return skippedEnd(ends[0]);
  const cached = ends.every((end) => end.status !== 'success' || end.cached);
  return { status: 'success', exitCode: success.exitCode, outputs: {}, cached };
}

function countOf(ends: readonly TaskEnd[], status: TaskEnd['status']): number {
  return ends.filter((end) => end.status === status).length;
}

/** An end without the remarks of its instance. */
function bare<E extends { readonly notes?: readonly string[] }>({ notes: _notes, ...end }: E): Omit<E, 'notes'> {
  return end;
}

function skippedEnd(first: TaskEnd | undefined): TaskEnd {
  if (first?.status !== 'skipped') throw new Error('Internal error: a matrix without combinations');
  return first;
}
