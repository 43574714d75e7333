import type { RunDetail } from '../../model/api.ts';
import type { TaskResult } from '../../model/run.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { Refusal } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_LEFTOVERS, EXIT_SUCCESS } from '../exit-code.ts';
import { findRun, RUN_OPERAND } from '../find-run.ts';
import { runName } from '../print/run-list.ts';

/** `runner cancel`: asks a run, or one task of it, to end. */
export const cancel = defineCommand({
  name: 'cancel',
  summary: 'Ask a run, or one of its tasks, to end',
  details: [
    'Tasks are asked to end, given time, then killed with all they have started; "always" tasks still run. Cancelled once more, those end too. To cancel what is over already changes nothing.',
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
      const wasOver = await daemon.cancel(id, task).then(() => false, whenOver);
      session.onLeave(`no longer waiting; the cancel of run ${id} goes on`);
      const { waitForEnd, waitForTask } = await import('../wait-for-run.ts');
      if (options.wait && task === null) await waitForEnd(session, id);
      if (options.wait && task !== null) await waitForTask(session, id, task);
      const run = await daemon.run(id);
      const { status } = task === null ? run : await daemon.task(id, task);
      const subject = task === null ? runName(run) : `task "${task}" of ${runName(run)}`;
      const over = wasOver ? `${subject} was over already: ${status}` : `${subject} is over: ${status}`;
      const text = wasOver || options.wait ? over : `asked ${subject} to end`;
      const left = options.wait ? leftovers(run) : [];
      const lines = [text, ...left];
      await printAnswer(session, { id, number: run.number, task, status, leftovers: left }, () =>
        lines.map((line) => `${harmlessName(line)}\n`).join(''),
      );
      return left.length > 0 ? EXIT_LEFTOVERS : EXIT_SUCCESS;
    }),
});

/** What even KILL could not end, a line for each task; the note is the executor's. */
function leftovers({ results }: RunDetail): string[] {
  return Object.values(results)
    .flatMap((result): readonly TaskResult[] => result.instances ?? [result])
    .flatMap(({ name, notes = [] }) => notes.map((note) => ({ name, note })))
    .filter(({ note }) => note.startsWith('leftovers: '))
    .map(({ name, note }) => `task "${name}": ${note}`);
}

/** Who wants the end of something that is over has what was wanted. */
function whenOver(error: unknown): true {
  if (error instanceof Refusal && error.code === 'already-ended') return true;
  throw error;
}
