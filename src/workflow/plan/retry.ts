import type { Retry as RetryEntry } from '../../generated/workflow-file.ts';
import type { Retry } from '../../model/workflow.ts';
import { parseDuration } from '../../util/duration.ts';

/** A `retry` with its defaults filled in; one attempt when there is none. */
export function buildRetry(entry: RetryEntry | undefined): Retry {
  return {
    attempts: entry?.attempts ?? 1,
    delayMs: parseDuration(entry?.delay ?? '0s') ?? 0,
    backoff: entry?.backoff ?? 1,
    maxDelayMs: parseDuration(entry?.max_delay ?? '1h') ?? 0,
    jitter: entry?.jitter ?? 0,
    on: entry?.on ?? RETRIED,
  };
}

const RETRIED = ['exit_code', 'signal', 'timed_out'];
