import type { FiringView } from '../model/api.ts';
import type { FiringRecord } from '../model/firing.ts';
import type { RunRecord } from '../model/state-store.ts';
import { isoTime } from './run-view.ts';

/** A decision of a trigger as the API shows it. `run` is the one it speaks of, where that is known. */
export function firingView(firing: FiringRecord, run: RunRecord | null): FiringView {
  return {
    at: isoTime(firing.at),
    workflow: firing.workflow,
    trigger: firing.trigger,
    kind: firing.kind,
    due_at: firing.dueAt === null ? null : isoTime(firing.dueAt),
    decision: firing.decision,
    reason: firing.reason,
    message: firing.message,
    run: firing.run,
    run_name: run && `${run.header.workflow}#${run.header.number}`,
    count: firing.count,
    initiator: firing.initiator,
  };
}
