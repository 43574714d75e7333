import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { promisify } from 'node:util';
import { argumentsFor } from '../executor/other-user.ts';
import type { TaskUser } from '../model/task-user.ts';
import { findProgram } from '../util/find-program.ts';
import { StartRefusal } from './open-state.ts';
import { letThrough } from './run-folder.ts';
import type { StateFolder } from './state-folder.ts';

/**
 * The user of `os_exec.user`, who must exist and must be one this process may start programs as; null when that is this process's
 * own. To be called before anything is opened. @throws {StartRefusal}
 */
export async function findTaskUser(name: string, path: string): Promise<TaskUser | null> {
  const refuse = (why: string): never => {
    throw new StartRefusal(2, `os_exec.user: ${why}`);
  };
  const entry = (await output(['getent', 'passwd', name], path)) ?? refuse(`there is no user "${name}"`);
  const [, , uid, gid, , home = '/'] = entry.trim().split(':');
  if (Number(uid) === process.getuid?.()) return null;
  if (Number(uid) === 0) refuse('tasks of another user must not run as root');
  const setpriv = findProgram('setpriv', path) ?? refuse('needs the program setpriv (util-linux)');
  const user: TaskUser = { name, uid: Number(uid), gid: Number(gid), home, setpriv };
  const became = await output(argumentsFor({ argv: ['id', '-u'], user }), path);
  if (became?.trim() !== uid)
    refuse(`this process may not start programs as "${name}": run it as root, see docs/task-user.md`);
  return user;
}

/** The variables that say who one is, for tasks of another user. */
export function variablesOf({ name, home }: TaskUser): ReadonlyMap<string, string> {
  return new Map([
    ['HOME', home],
    ['USER', name],
    ['LOGNAME', name],
  ]);
}

/**
 * Lets the user of tasks reach the folders of runs. Nobody else gets further than into the state folder itself, where all is
 * private; without such a user not even there.
 */
export function setWay({ path, runs }: StateFolder, user: TaskUser | null): void {
  chmodSync(path, user ? 0o711 : 0o700);
  if (user) letThrough(runs, user);
  else chmodSync(runs, 0o700);
}

/** What a program prints; null when it fails. */
async function output([program, ...args]: readonly [string, ...string[]], path: string): Promise<string | null> {
  try {
    return (await promisify(execFile)(program, args, { env: { PATH: path }, cwd: '/' })).stdout;
  } catch {
    return null;
  }
}
