import { isAbsolute, resolve } from 'node:path';
import { UsageError } from '../client/daemon-error.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, type DaemonWishes, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import type { CliIO } from '../io.ts';

/** `runner backup`: has the daemon write a copy of its state while it works. */
export const backup = defineCommand({
  name: 'backup',
  summary: 'Write a copy of the state of the daemon while it works',
  details: [
    'The daemon writes the folder, with its own rights and on its own machine. Over a network it must be named by an absolute path.',
  ],
  options: DAEMON_OPTIONS,
  operands: { name: 'FOLDER', description: 'a folder that does not exist yet', least: 1, most: 1 },
  run: ({ options, operands: [name = ''] }, io) =>
    withDaemon('backup', options, io, async (session) => {
      const folder = folderOf(name, options, io);
      await session.daemon.backup(folder);
      await printAnswer(session, { folder }, () => `backup written to ${folder}\n`);
      return EXIT_SUCCESS;
    }),
});

function folderOf(name: string, { host, stateDir }: DaemonWishes, { env, cwd }: CliIO): string {
  const isElsewhere = host !== undefined || (stateDir === undefined && Boolean(env.RUNNER_HOST));
  if (isElsewhere && !isAbsolute(name))
    throw new UsageError(`"${name}": over a network the folder needs an absolute path`);
  return resolve(cwd, name);
}
