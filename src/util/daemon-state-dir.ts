import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The socket of a daemon, in its state directory. */
export const DAEMON_SOCKET = 'runnerd.sock';

/** Where the service that systemd starts keeps its state. */
const SYSTEM_STATE_DIR = '/var/lib/runnerd';

/**
 * Where a daemon keeps its state, the same for the daemon and for who looks for it: the folder named, else `$RUNNER_HOME`, else
 * the system's, for those who may use it (the service's own user and root), else `runner` below the user's state folder.
 */
export function daemonStateDir(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  system = SYSTEM_STATE_DIR,
): string {
  const named = given ?? env.RUNNER_HOME;
  if (named) return resolve(cwd, named);
  return isUsable(system) ? system : join(userStateDir(env), 'runner');
}

/** `$XDG_STATE_HOME`, if that is absolute, else `.local/state` below the home. */
export function userStateDir(env: Readonly<Record<string, string | undefined>>): string {
  if (env.XDG_STATE_HOME?.startsWith('/')) return env.XDG_STATE_HOME;
  return join(env.HOME || homedir(), '.local', 'state');
}

function isUsable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
