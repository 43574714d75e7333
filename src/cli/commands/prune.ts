import { formatSize } from '../../util/size.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import { countOf } from '../print/count-of.ts';

/** `runner prune`: forgets old runs now instead of later. */
export const prune = defineCommand({
  name: 'prune',
  summary: 'Remove the runs that are older or more than the daemon keeps',
  options: {
    dryRun: { kind: 'flag', description: 'Say what would be removed; remove nothing' },
    ...DAEMON_OPTIONS,
  },
  run: ({ options }, io) =>
    withDaemon('prune', options, io, async (session) => {
      const report = await session.daemon.prune(options.dryRun);
      await printAnswer(session, report, ({ runs, bytes, dry_run: isDry }) => {
        const [removed, freed] = isDry ? ['would remove', 'free'] : ['removed', 'freed'];
        return `${removed} ${countOf(runs, 'run')}, ${freed} ${formatSize(bytes)}\n`;
      });
      return EXIT_SUCCESS;
    }),
});
