import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { workflowListText } from '../print/workflow-list.ts';

/** `runner workflows`: lists what a daemon watches. */
export const workflows = defineCommand({
  name: 'workflows',
  summary: 'List the workflows of the daemon and what is wrong with their files',
  details: [
    'A workflow is armed (it fires), paused (it runs by hand only), stale (its file is broken; the last good version stays armed) or invalid (its file is broken and there is nothing to run).',
  ],
  options: DAEMON_OPTIONS,
  run: ({ options }, io) =>
    withDaemon('workflows', options, io, async (session) => {
      await printAnswer(session, await session.daemon.workflows(), workflowListText);
      return EXIT_SUCCESS;
    }),
});
