import { harmlessName } from '../../util/terminal-text.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { findRun, RUN_OPERAND } from '../find-run.ts';
import { runName } from '../print/run-list.ts';

/** `runner cancel`: asks a run, or one task of it, to end. */
export const cancel = defineCommand({
  name: 'cancel',
  summary: 'Ask a run, or one of its tasks, to end',
  details: [
    'Tasks are asked to end, given time, then killed with all they have started; "always" tasks still run. Cancelled once more, those end too.',
  ],
  options: {
    wait: { kind: 'flag', short: 'w', description: 'Wait until it has ended' },
    ...DAEMON_OPTIONS,
  },
  operands: { name: 'RUN', usage: 'RUN [TASK]', description: RUN_OPERAND, least: 1, most: 2 },
  run: ({ options, operands: [word = '', task = null] }, io) =>
    withDaemon('cancel', options, io, async (session) => {
      const { daemon } = session;
      const id = await findRun(word, session);
      if (task !== null) session.about({ run: id, task });
      await daemon.cancel(id, task);
      session.onLeave(`no longer waiting; the cancel of run ${id} goes on`);
      const { waitForEnd, waitForTask } = await import('../wait-for-run.ts');
      if (options.wait && task === null) await waitForEnd(session, id);
      if (options.wait && task !== null) await waitForTask(session, id, task);
      const run = await daemon.run(id);
      const { status } = task === null ? run : await daemon.task(id, task);
      const subject = task === null ? runName(run) : `task "${task}" of ${runName(run)}`;
      await printAnswer(
        session,
        { id, number: run.number, task, status },
        () => `${harmlessName(options.wait ? `${subject} is over: ${status}` : `asked ${subject} to end`)}\n`,
      );
      return EXIT_SUCCESS;
    }),
});
