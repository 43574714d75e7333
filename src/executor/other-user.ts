import type { Spawn } from '../model/ports.ts';
import type { TaskUser } from '../model/task-user.ts';

/**
 * The arguments that become the user of a task and then the task itself, in the same process. The task gets the groups of that
 * user, and none of the capabilities this process may have.
 */
export function argumentsFor({ argv, user }: Pick<Spawn, 'argv' | 'user'>): Spawn['argv'] {
  return user === undefined ? argv : [...enterUser(user), ...argv];
}

function enterUser({ uid, gid, setpriv }: TaskUser): Spawn['argv'] {
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--init-groups'];
  return [setpriv, ...identity, '--inh-caps=-all', '--ambient-caps=-all', '--'];
}
