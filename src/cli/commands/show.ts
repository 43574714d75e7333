import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { findRun, RUN_OPERAND } from '../find-run.ts';
import { runDetailText } from '../print/run-detail.ts';
import { taskDetailText } from '../print/task-detail.ts';

/** `runner show`: tells all about a run, or about one task of it. */
export const show = defineCommand({
  name: 'show',
  summary: 'Show a run, or one of its tasks with the environment it got',
  details: ['Confidential values show as ***. --json prints the Task Group Result with what is known of the run.'],
  options: DAEMON_OPTIONS,
  operands: { name: 'RUN', usage: 'RUN [TASK]', description: RUN_OPERAND, least: 1, most: 2 },
  run: ({ options, operands: [word = '', task] }, io) =>
    withDaemon('show', options, io, async (session) => {
      const { daemon } = session;
      const run = await findRun(word, session);
      if (task === undefined) {
        await printAnswer(session, await daemon.run(run), runDetailText);
      } else {
        session.about({ run, task });
        await printAnswer(session, await daemon.task(run, task), taskDetailText);
      }
      return EXIT_SUCCESS;
    }),
});
