import type { AuditList, AuditView } from '../../model/api.ts';
import { systemClock } from '../../util/clock.ts';
import { parseDuration } from '../../util/duration.ts';
import type { Daemon } from '../client/daemon.ts';
import { UsageError } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { auditText } from '../print/audit-text.ts';

/** Lines listed when no other number is asked for. */
const USUAL_LIMIT = 50;

/** Lines asked for at once. */
const PAGE = 1000;

/** `runner audit`: lists who did what. */
export const audit = defineCommand({
  name: 'audit',
  summary: 'List who did what to the daemon, and from where, newest first',
  details: [
    'The newest 10,000 lines are kept. Over the network everybody with the token is the same "api": the address tells them apart.',
  ],
  options: {
    since: { kind: 'text', value: 'TIME', description: 'Only lines of this last time, as in 7d, or since an ISO time' },
    limit: { kind: 'count', value: 'N', description: 'Most lines to list', fallback: String(USUAL_LIMIT) },
    ...DAEMON_OPTIONS,
  },
  run: ({ options }, io) =>
    withDaemon('audit', options, io, async (session) => {
      const since = options.since === undefined ? undefined : sinceOf(options.since);
      const list = await listAudits(session.daemon, since, options.limit ?? USUAL_LIMIT);
      await printAnswer(session, list, auditText);
      return EXIT_SUCCESS;
    }),
});

/** Goes on page by page: the daemon bounds what it lists at once. */
async function listAudits(daemon: Daemon, since: string | undefined, limit: number): Promise<AuditList> {
  const audits: AuditView[] = [];
  let more = true;
  while (more && audits.length < limit) {
    const before = audits.at(-1)?.number.toString();
    const page = await daemon.audits({ since, before, limit: Math.min(PAGE, limit - audits.length) });
    audits.push(...page.audits);
    more = page.more && page.audits.length > 0;
  }
  return { audits, more };
}

function sinceOf(text: string): string {
  const age = parseDuration(text);
  const at = age === null ? Date.parse(text) : Math.max(0, systemClock.now() - age);
  if (!Number.isFinite(at))
    throw new UsageError(`--since ${text}: expected a duration such as 7d, or a time such as 2026-03-01T09:30`);
  return new Date(at).toISOString();
}
