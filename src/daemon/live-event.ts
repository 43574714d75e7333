import type { LiveEvent } from '../model/api.ts';
import type { RunEvent } from '../model/event.ts';

/** What the world hears of an event of a run: where a run or task stands now, without values; null for what changes no standing. */
export function liveEvent(workflow: string, run: string, event: RunEvent): LiveEvent {
  const base = { type: event.type, at: new Date(event.at).toISOString(), workflow, run };
  const message = (event.type === 'task-phase' ? event.message : null) ?? null;
  return { ...base, task: 'task' in event ? event.task : null, ...standing(event), message };
}

function standing(event: RunEvent): Pick<LiveEvent, 'status' | 'reason'> {
  switch (event.type) {
    case 'run-created':
    case 'task-queued':
      return { status: 'queued', reason: null };
    case 'run-started':
    case 'task-running':
      return { status: 'running', reason: null };
    case 'task-starting':
      return { status: 'starting', reason: null };
    case 'task-phase':
      return { status: event.phase, reason: null };
    case 'task-retrying':
      return { status: 'waiting', reason: event.reason };
    case 'cancel-requested':
      return { status: 'cancelling', reason: event.reason };
    case 'task-ended':
      return { status: event.end.status, reason: event.end.status === 'success' ? null : event.end.reason };
    case 'run-ended':
      return { status: event.status, reason: event.reason };
  }
}
