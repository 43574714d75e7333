import type { FiringView } from '../model/api.ts';
import type { FiringRecord } from '../model/firing.ts';
import { isoTime } from './run-view.ts';

/** A decision of a trigger as the API shows it. */
export function firingView(firing: FiringRecord): FiringView {
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
    count: firing.count,
    initiator: firing.initiator,
  };
}
