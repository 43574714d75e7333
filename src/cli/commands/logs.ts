import { UsageError } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { findRun, RUN_OPERAND } from '../find-run.ts';
import type { Arguments } from '../options.ts';

const OPTIONS = {
  follow: { kind: 'flag', short: 'f', description: 'Go on with what is written, until the end of the run' },
  attempt: { kind: 'count', value: 'N', description: 'Of a task: this attempt', fallback: 'the newest' },
  raw: { kind: 'flag', description: 'Of a task: every byte as it was written' },
  ...DAEMON_OPTIONS,
} as const;

/** `runner logs`: shows what the tasks of a run have written. */
export const logs = defineCommand({
  name: 'logs',
  summary: 'Show what the tasks of a run, or one of them, have written',
  details: [
    'Lines of all tasks stand one task after another, each after its name; with --follow they come as they are written, with what happens to the tasks, as in "runner exec". Control characters are taken out but with --raw. --json prints a line {"task", "attempt", "line"} for each.',
  ],
  options: OPTIONS,
  operands: { name: 'RUN', usage: 'RUN [TASK]', description: RUN_OPERAND, least: 1, most: 2 },
  run: ({ options, operands: [word = '', task = null] }, io) =>
    withDaemon('logs', options, io, async (session) => {
      const problem = problemOf(options, task);
      if (problem !== null) throw new UsageError(problem);
      const run = await findRun(word, session);
      const { showLogs } = await import('../show-logs.ts');
      await showLogs(session, { ...options, run, task });
      return EXIT_SUCCESS;
    }),
});

function problemOf(
  { follow, attempt, raw, json }: Arguments<typeof OPTIONS>['options'],
  task: string | null,
): string | null {
  if (raw && json) return '--raw and --json are two choices: give one';
  if (task === null && raw) return '--raw needs a TASK: lines of several tasks would run into each other';
  if (task === null && attempt !== undefined) return '--attempt needs a TASK';
  return follow && attempt !== undefined ? '--follow goes from attempt to attempt: leave out --attempt' : null;
}
