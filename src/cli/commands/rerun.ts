import type { RerunRequest } from '../../model/api.ts';
import { UsageError } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, withDaemon } from '../daemon-command.ts';
import { findRun, RUN_OPERAND } from '../find-run.ts';
import { SEE_OPTIONS, seeRun } from '../see-run.ts';

/** `runner rerun`: makes a new run from an old one. */
export const rerun = defineCommand({
  name: 'rerun',
  summary: 'Run again what a run has run, as a new run with the same inputs',
  details: [
    'What is left out by --failed or --from keeps its result. The file is taken as it was, or with --current as it is now.',
  ],
  options: {
    failed: { kind: 'flag', description: 'Only what has failed, and what depends on it' },
    from: { kind: 'text', value: 'TASK', description: 'Only this task, and what depends on it' },
    current: { kind: 'flag', description: 'Take the workflow file as it is now' },
    ...SEE_OPTIONS,
    ...DAEMON_OPTIONS,
  },
  operands: { name: 'RUN', description: RUN_OPERAND, least: 1, most: 1 },
  run: ({ options, operands: [word = ''] }, io) =>
    withDaemon('rerun', options, io, async (session) => {
      const { failed, from, current } = options;
      if (failed && from !== undefined) throw new UsageError('--failed and --from are two choices: give one');
      const request: RerunRequest = {
        ...(failed ? { failed } : {}),
        ...(from === undefined ? {} : { from }),
        definition: current ? 'current' : 'same',
      };
      const { id, workflow } = await session.daemon.run(await findRun(word, session));
      session.about({ run: id, workflow, ...(from === undefined ? {} : { task: from }) });
      return seeRun(session, await session.daemon.rerun(id, request), workflow, options);
    }),
});
