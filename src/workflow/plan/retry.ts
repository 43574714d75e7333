import type { Retry as RetryEntry } from '../../generated/workflow-file.ts';
import type { Retry } from '../../model/workflow.ts';
import { parseDuration } from '../../util/duration.ts';

const HOUR = 3_600_000;

/** A `retry` with its defaults filled in; one attempt when there is none. */
export function buildRetry(entry: RetryEntry | undefined): Retry {
  const delayMs = parseDuration(entry?.delay ?? '0s') ?? 0;
  return {
    attempts: entry?.attempts ?? 1,
    delayMs,
    backoff: entry?.backoff ?? 1,
    // Whoever asks for a long delay gets it.
    maxDelayMs: parseDuration(entry?.max_delay ?? '') ?? Math.max(HOUR, delayMs),
    jitter: entry?.jitter ?? 0,
    on: entry?.on ?? RETRIED,
  };
}

const RETRIED = ['exit_code', 'signal', 'timed_out'];
