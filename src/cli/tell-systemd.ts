import { spawn } from 'node:child_process';
import { shieldedStdio } from '../executor/descriptors.ts';
import type { Log } from '../model/log.ts';
import { type NotifySystemd, notifySystemd, type RunProgram } from '../util/notify-systemd.ts';

/** The way for this process to tell systemd how it is. */
export function tellSystemd(env: Readonly<Record<string, string | undefined>>, log: Log): NotifySystemd {
  const socket = env.NOTIFY_SOCKET;
  const variables = { PATH: env.PATH ?? '', NOTIFY_SOCKET: socket ?? '' };
  const onProblem = (error: unknown) => log.warn({ error }, 'systemd could not be told');
  return notifySystemd(socket, (argv) => runShielded(argv, variables), onProblem);
}

/** Without what is open here, such as the database. */
function runShielded([program, ...args]: Parameters<RunProgram>[0], env: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'ignore', 'ignore', ...shieldedStdio()] as const;
    const child = spawn(program, args, { env, stdio: [...stdio] });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code ?? signal}`));
    });
  });
}
