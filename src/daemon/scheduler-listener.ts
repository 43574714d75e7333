import type { SchedulerListener } from '../engine/scheduler-ports.ts';
import type { RunEvent } from '../model/event.ts';
import type { FiringRecord } from '../model/firing.ts';
import type { Log } from '../model/log.ts';
import type { Observation } from '../model/observation.ts';
import { liveEvent } from './live-event.ts';
import type { LiveHub } from './live-hub.ts';
import type { RunBook } from './run-book.ts';
import { logFiring, logRunEvents } from './run-log.ts';

/** Who hears of what has become durable. */
export interface Audience {
  readonly log: Log;
  readonly hub: LiveHub;
  readonly book: RunBook;
  observe(observation: Observation): void;
  /** A run is over. */
  ended(run: string): void;
}

/** Tells everybody: the log, those who follow live, those who wait for a run, and the metrics. */
export function schedulerListener({ log, hub, book, observe, ended }: Audience): SchedulerListener {
  return {
    events(record, events) {
      const { id, workflow } = record.header;
      logRunEvents(log, record, events);
      for (const event of events) {
        hub.publish(liveEvent(workflow, id, event));
        const observation = observationOf(event);
        if (observation) observe(observation);
        if (event.type === 'run-ended') ended(id);
      }
      book.stir(id, events);
    },
    firing(firing) {
      logFiring(log, firing);
      const { workflow, run, at, decision, reason } = firing;
      hub.publish({
        type: 'firing',
        at: new Date(at).toISOString(),
        workflow,
        run,
        task: null,
        status: decision,
        reason,
        message: null,
      });
      observe(firingObservation(firing));
    },
    trouble(message) {
      if (message === null) log.info({}, 'state can be written again');
      else log.error({ problem: message }, 'state cannot be written');
    },
    uncleared(run, error) {
      log.warn({ run, err: error }, 'what a run left behind could not be cleared away');
    },
    broken(run, error) {
      log.error({ run, err: error }, 'a run met an internal error and is given up');
    },
    stuck(run, error) {
      log.error({ run, err: error }, 'a run cannot be ended and stands still until the next start');
    },
  };
}

function observationOf(event: RunEvent): Observation | null {
  if (event.type === 'run-ended') return { kind: 'run-ended', status: event.status };
  if (event.type !== 'task-ended') return null;
  const { end } = event;
  return { kind: 'task-ended', status: end.status, reason: end.status === 'success' ? null : end.reason };
}

function firingObservation({ at, dueAt, decision, reason, count }: FiringRecord): Observation {
  return { kind: 'firing', decision, reason, count, latenessMs: dueAt === null ? null : Math.max(0, at - dueAt) };
}
