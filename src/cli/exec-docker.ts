import { delimiter, join } from 'node:path';
import type { ExecOptions } from '../compose.ts';
import { usualDockerSocket } from '../compose-docker.ts';
import type { CliIO } from './io.ts';

/**
 * Docker for `exec`, which has no config file: the variables of the daemon's settings count here too. The current folder may be
 * mounted as it is.
 */
export function execDocker({ env, cwd }: Pick<CliIO, 'env' | 'cwd'>, stateDir: string): ExecOptions['docker'] {
  const volumes = env.RUNNER_DOCKER_VOLUMES?.split(delimiter).filter(Boolean) ?? [];
  return {
    runs: join(stateDir, 'runs'),
    socketPath: env.RUNNER_DOCKER_SOCKET || usualDockerSocket(env),
    policy: {
      volumes: [cwd, ...volumes],
      allowPrivileged: env.RUNNER_DOCKER_ALLOW_PRIVILEGED === 'true',
      allowSocket: env.RUNNER_DOCKER_ALLOW_SOCKET === 'true',
      forbidden: [stateDir],
      taskUser: null,
    },
  };
}
