import type { RunDetail } from '../../model/api.ts';
import { systemClock } from '../../util/clock.ts';
import { RunDisplay } from '../print/display.ts';
import type { Terminal } from '../print/terminal.ts';
import type { Session } from '../session.ts';
import { followRun } from './follow-run.ts';
import { workingTasks } from './run-events.ts';

/** Shows a run of a daemon as `exec` shows its own; resolves with the run once it has ended. */
export function showRun(session: Session, id: string, terminal: Terminal): Promise<RunDetail> {
  return followRun(session, {
    run: id,
    wants: () => true,
    audience: (run) => {
      const display = new RunDisplay({ terminal, clock: systemClock, tasks: workingTasks(run) });
      if (terminal.live) session.tellThrough((text) => display.remark(text));
      return display;
    },
  });
}
