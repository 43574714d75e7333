import type { NextList } from '../model/api.ts';
import type { Clock } from '../model/ports.ts';
import type { StateStore } from '../model/state-store.ts';
import { isoTime } from './run-view.ts';
import type { TriggerBoard } from './trigger-board.ts';

/** How many times at most one answer holds. */
const MOST_TIMES = 1000;

/** What is needed to tell. */
interface Sources {
  readonly scheduler: { readonly isDraining: boolean };
  readonly board: TriggerBoard;
  readonly clock: Clock;
  readonly state: StateStore;
}

/** The next `count` times of each workflow, soonest first, with what is odd about them; a pause or a drain is. */
export function timesToCome(
  { scheduler, board, clock, state }: Sources,
  ids: readonly string[],
  count: number,
): NextList {
  const all = ids.flatMap((id) =>
    board.next(id, clock.now(), count).map(({ at, note, entry }) => ({
      workflow: id,
      kind: entry.kind,
      trigger: entry.identity,
      at: isoTime(at),
      note: [scheduler.isDraining ? 'the daemon is draining' : pauseNote(state, id), note].filter(Boolean).join('; '),
    })),
  );
  return { next: all.sort((one, other) => (one.at < other.at ? -1 : 1)).slice(0, MOST_TIMES) };
}

function pauseNote(state: StateStore, id: string): string {
  if (state.isPaused(null)) return 'the daemon is paused';
  return state.isPaused(id) ? 'paused' : '';
}
