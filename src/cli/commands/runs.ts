import type { RunList, RunView } from '../../model/api.ts';
import { systemClock } from '../../util/clock.ts';
import { parseDuration } from '../../util/duration.ts';
import type { Daemon } from '../client/daemon.ts';
import { UsageError } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { runListText } from '../print/run-list.ts';

/** Runs listed when no other number is asked for. */
const USUAL_LIMIT = 20;

/** Runs asked for at once. */
const PAGE = 500;

/** `runner runs`: lists the runs of a daemon. */
export const runs = defineCommand({
  name: 'runs',
  summary: 'List runs, newest first',
  options: {
    workflow: { kind: 'text', value: 'WORKFLOW', description: 'Only runs of this workflow' },
    status: {
      kind: 'text',
      value: 'STATUS',
      description: 'Only runs with this status',
      choices: ['queued', 'running', 'success', 'failed', 'cancelled'],
    },
    last: { kind: 'text', value: 'TIME', description: 'Only runs of this last time, as in 7d' },
    limit: { kind: 'count', value: 'N', description: 'Most runs to list', fallback: String(USUAL_LIMIT) },
    ...DAEMON_OPTIONS,
  },
  run: ({ options }, io) =>
    withDaemon('runs', options, io, async (session) => {
      const { daemon } = session;
      const { workflow, status, limit = USUAL_LIMIT } = options;
      if (workflow !== undefined) session.about({ workflow });
      const since = options.last === undefined ? undefined : sinceOf(options.last);
      const list = await listRuns(daemon, { workflow, status, since, limit });
      // A list that is empty for a misspelt name would mislead.
      if (list.runs.length === 0 && workflow !== undefined) await daemon.workflow(workflow);
      await printAnswer(session, list, runListText);
      return EXIT_SUCCESS;
    }),
});

/** Goes on page by page: the daemon bounds what it lists at once. */
async function listRuns(daemon: Daemon, { limit, ...query }: Parameters<Daemon['runs']>[0]): Promise<RunList> {
  const runs: RunView[] = [];
  let more = true;
  while (more && runs.length < limit) {
    const before = runs.at(-1)?.id;
    const page = await daemon.runs({ ...query, before, limit: Math.min(PAGE, limit - runs.length) });
    runs.push(...page.runs);
    more = page.more && page.runs.length > 0;
  }
  return { runs, more };
}

function sinceOf(text: string): string {
  const age = parseDuration(text);
  if (age === null) throw new UsageError(`--last ${text}: expected a duration such as 12h or 7d`);
  return new Date(Math.max(0, systemClock.now() - age)).toISOString();
}
