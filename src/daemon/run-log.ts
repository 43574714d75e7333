import type { RunEvent } from '../model/event.ts';
import type { FiringRecord } from '../model/firing.ts';
import type { Log } from '../model/log.ts';
import type { RunRecord } from '../model/state-store.ts';

/** Writes what an operator cares about of a run's events: its beginning, what failed in it, and its end. */
export function logRunEvents(log: Log, record: RunRecord, events: readonly RunEvent[]): void {
  const { id: run, number, workflow } = record.header;
  for (const event of events) {
    if (event.type === 'run-created') {
      log.info({ workflow, run, number, trigger: record.trigger.kind, initiator: record.initiator }, 'run created');
    }
    if (event.type === 'run-started') log.info({ workflow, run, number }, 'run started');
    if (event.type === 'task-ended' && event.end.status === 'failed') {
      const { reason, message } = event.end;
      log.warn({ workflow, run, number, task: event.task, reason, problem: message }, 'task failed');
    }
    if (event.type === 'run-ended') {
      const { status, reason } = event;
      const ms = record.startedAt === null ? 0 : event.at - record.startedAt;
      log.info({ workflow, run, number, status, reason, duration_ms: ms }, 'run ended');
    }
  }
}

/** Writes a decision that started nothing; one that did is told by its run. */
export function logFiring(
  log: Log,
  { workflow, trigger, decision, reason, message, dueAt, count }: FiringRecord,
): void {
  if (decision === 'fired') return;
  const due = dueAt === null ? {} : { due_at: new Date(dueAt).toISOString() };
  log.info({ workflow, trigger, reason, explanation: message, count, ...due }, 'firing skipped');
}
