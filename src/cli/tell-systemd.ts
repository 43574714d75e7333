import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { nullStdio } from '../executor/descriptors.ts';
import type { Log } from '../model/log.ts';
import type { Clock } from '../model/ports.ts';
import { type NotifySystemd, notifySystemd, type RunProgram, watchdogInterval } from '../util/notify-systemd.ts';

/** How long systemd may take to say that it has listened, in ms. */
const PATIENCE_MS = 3_000;

type Env = Readonly<Record<string, string | undefined>>;

/** The way for this process to tell systemd how it is. */
export function tellSystemd(env: Env, log: Log): NotifySystemd {
  const socket = env.NOTIFY_SOCKET;
  const variables = { PATH: env.PATH ?? '', NOTIFY_SOCKET: socket ?? '' };
  const onProblem = (error: unknown) => log.warn({ err: error }, 'systemd could not be told');
  return notifySystemd(socket, (argv) => runShielded(argv, variables), onProblem);
}

/** Says again and again that this process is alive, where systemd waits for that. Returns the way to stop. */
export function feedWatchdog(tell: NotifySystemd, env: Env, clock: Clock): () => void {
  const interval = watchdogInterval(env, process.pid);
  if (interval === null) return () => undefined;
  let callOff = (): void => {};
  const feed = (): void => {
    void tell({ kind: 'alive' });
    callOff = clock.after(interval, feed);
  };
  feed();
  return () => callOff();
}

/** Without what is open here, such as the database. The program waits until systemd has listened. */
function runShielded([program, ...args]: Parameters<RunProgram>[0], env: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const nothing = nullStdio();
    const child = spawn(program, args, {
      env,
      stdio: ['ignore', 'ignore', 'ignore', ...nothing],
      timeout: PATIENCE_MS,
    });
    for (const descriptor of new Set(nothing)) closeSync(descriptor);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code ?? signal}`));
    });
  });
}
