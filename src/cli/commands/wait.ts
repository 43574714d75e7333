import { parseDuration } from '../../util/duration.ts';
import { UsageError } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, withDaemon } from '../daemon-command.ts';
import { findRun, RUN_OPERAND } from '../find-run.ts';
import { waitFor } from '../see-run.ts';

/** `runner wait`: waits for the end of a run. */
export const wait = defineCommand({
  name: 'wait',
  summary: 'Wait for the end of a run',
  details: [
    'Exits 0 when the run succeeded, 1 when it failed, 130 when it was cancelled or Ctrl-C ended the waiting, 124 when the time to wait was over first.',
  ],
  options: {
    timeout: { kind: 'text', value: 'TIME', description: 'Wait no longer than this, as in 10m' },
    ...DAEMON_OPTIONS,
  },
  operands: { name: 'RUN', description: RUN_OPERAND, least: 1, most: 1 },
  run: ({ options, operands: [word = ''] }, io) =>
    withDaemon('wait', options, io, async (session) => {
      const timeoutMs = options.timeout === undefined ? Number.POSITIVE_INFINITY : parseDuration(options.timeout);
      if (timeoutMs === null)
        throw new UsageError(`--timeout ${options.timeout}: expected a duration such as 90s or 10m`);
      return waitFor(session, await findRun(word, session), timeoutMs);
    }),
});
