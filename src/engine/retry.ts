import type { TaskEnd } from '../model/run.ts';
import type { Retry } from '../model/workflow.ts';

/** Whether an end is tried again, and after how many ms; null when it stands. `random` is between 0 and 1. */
export function retryDelay(retry: Retry, end: TaskEnd, attempt: number, random: number): number | null {
  if (end.status !== 'failed' || attempt >= retry.attempts || !retry.on.includes(end.reason)) return null;
  const full = Math.min(retry.delayMs * retry.backoff ** (attempt - 1), retry.maxDelayMs);
  return Math.round(full * (1 - retry.jitter * random));
}
