import { systemClock } from '../../util/clock.ts';
import { UsageError } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { firingsText } from '../print/firing-text.ts';
import { readTime, timeText } from '../print/time-text.ts';

const USUAL_LIMIT = 10;

/** `runner why`: says why a workflow ran, and why it did not. */
export const why = defineCommand({
  name: 'why',
  summary: 'Say why a workflow was run, or was not, at any time',
  details: [
    'Every decision of a trigger is kept. They are listed newest first; with --at, from that time backwards. A time is HH:MM today, a day, or an ISO time such as 2026-03-01T09:30; without a zone it is the time of this machine.',
  ],
  options: {
    at: { kind: 'text', value: 'TIME', description: 'Begin with the last decision up to this time' },
    limit: { kind: 'count', value: 'N', description: 'Most decisions to list', fallback: String(USUAL_LIMIT) },
    ...DAEMON_OPTIONS,
  },
  operands: { name: 'WORKFLOW', description: 'its id', least: 1, most: 1 },
  run: ({ options, operands: [workflow = ''] }, io) =>
    withDaemon('why', options, io, async (session) => {
      const { daemon } = session;
      const until = options.at === undefined ? undefined : untilOf(options.at);
      session.about({ workflow });
      const limit = options.limit ?? USUAL_LIMIT;
      const list = await daemon.firings({
        workflow,
        limit,
        until: until === undefined ? until : new Date(until).toISOString(),
      });
      if (list.firings.length === 0) await daemon.workflow(workflow);
      const empty = `nothing was decided about ${workflow}${until === undefined ? ' yet' : ` up to ${timeText(until)}`}\n`;
      await printAnswer(session, list, (answer, look) => firingsText(answer, look) || empty);
      return EXIT_SUCCESS;
    }),
});

function untilOf(text: string): number {
  const until = readTime(text, systemClock.now());
  if (until === null)
    throw new UsageError(`--at ${text}: expected a time such as 09:30, 2026-03-01 or 2026-03-01T09:30Z`);
  return until;
}
