import type { Scheduler } from '../engine/scheduler.ts';
import type { Health } from '../model/api.ts';
import type { StateStore } from '../model/state-store.ts';
import type { Loss } from '../store/commit-chain.ts';
import { lossInWords } from './after-loss.ts';
import { isoTime } from './run-view.ts';

/** What the health of a daemon shows in. */
export interface Signs {
  readonly scheduler: Pick<Scheduler, 'running' | 'queued' | 'isDraining'>;
  readonly state: Pick<StateStore, 'isPaused'>;
  readonly version: string;
  /** What is wrong, in words; null where nothing is. */
  readonly problems: readonly (string | null)[];
  readonly loss: Loss | null;
  /** ms since the epoch. */
  readonly startedAt: number;
}

/** How a daemon is, in short. */
export function healthOf({ scheduler, state, version, problems, loss, startedAt }: Signs): Health {
  const lost = loss === null ? null : lossInWords(loss);
  const all = [...problems, lost].filter((problem) => problem !== null);
  return {
    status: all.length === 0 ? 'ok' : 'degraded',
    version,
    pid: process.pid,
    started_at: isoTime(startedAt),
    problems: all,
    running: scheduler.running,
    queued: scheduler.queued,
    paused: state.isPaused(null),
    draining: scheduler.isDraining,
  };
}
