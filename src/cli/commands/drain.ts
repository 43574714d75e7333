import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { countOf } from '../print/count-of.ts';

/** `runner drain`: lets a daemon finish what it runs, and start nothing more. */
export const drain = defineCommand({
  name: 'drain',
  summary: 'Let no new run start; what runs goes on to its end',
  details: ['For a restart without haste. Holds until the daemon is started again.'],
  options: DAEMON_OPTIONS,
  run: ({ options }, io) =>
    withDaemon('drain', options, io, async (session) => {
      await session.daemon.drain();
      const health = await session.daemon.health();
      await printAnswer(
        session,
        health,
        ({ running, queued }) =>
          `no new run starts from now on; ${countOf(running, 'run')} going on, ${queued} queued\n`,
      );
      return EXIT_SUCCESS;
    }),
});
