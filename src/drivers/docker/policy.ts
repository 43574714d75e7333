import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TaskUser } from '../../model/task-user.ts';
import type { DockerSpec, Volume } from './container-spec.ts';
import { type Failure, provisioningFailure } from './engine-words.ts';

/** What containers may have of this machine besides the workspace. */
export interface DockerPolicy {
  /** Absolute paths: volumes must lie in or below one of them. */
  readonly volumes: readonly string[];
  readonly allowPrivileged: boolean;
  /** Whether a volume may hold the engine's socket, which is worth as much as root. */
  readonly allowSocket: boolean;
  /** Absolute paths no volume may hold or lie in: where the daemon keeps its state. */
  readonly forbidden: readonly string[];
  /** Who tasks are on this machine; null is the daemon's own user. */
  readonly taskUser: Pick<TaskUser, 'uid' | 'gid'> | null;
}

/** The volumes of a task, links followed, if it may have all it wants; otherwise why not. */
export function judgeWishes(
  { privileged, network, user, volumes }: DockerSpec,
  policy: DockerPolicy,
  socketPath: string,
): Volume[] | Failure {
  if (privileged && !policy.allowPrivileged) {
    return provisioningFailure('`privileged` is not allowed; docker.allow_privileged of the config is not true');
  }
  if (user !== null && policy.taskUser && !policy.allowPrivileged) {
    return provisioningFailure(
      '`user` is not allowed: tasks are the user of os_exec.user, and docker.allow_privileged of the config is not true',
    );
  }
  const problem = network === null ? null : networkProblem(network, policy);
  if (problem !== null) return provisioningFailure(problem);
  const judged: Volume[] = [];
  for (const volume of volumes) {
    const source = allowedSource(volume.source, policy, socketPath);
    if ('problem' in source) return provisioningFailure(source.problem);
    judged.push({ ...volume, source: source.path });
  }
  return judged;
}

/**
 * The real path of a volume's source, links followed, so that what was judged is what is mounted; or why it must not or cannot be
 * mounted.
 */
function allowedSource(
  source: string,
  policy: DockerPolicy,
  socketPath: string,
): { readonly path: string } | { readonly problem: string } {
  const path = realPath(source);
  if (path === null) return { problem: `the volume "${source}" is not there` };
  if (!policy.volumes.some((root) => isWithin(path, realPath(root)))) {
    return { problem: `the volume "${source}" is not below a folder that docker.volumes of the config lists` };
  }
  if (policy.forbidden.some((secret) => isWithin(path, realPath(secret)) || isWithin(realPath(secret), path))) {
    return { problem: `the volume "${source}" holds the state of the daemon, which no task may see` };
  }
  // Whoever can write to the folder of the socket only, or replace it, is no better off.
  if (!policy.allowSocket && isWithin(realPath(socketPath) ?? realParent(socketPath), path)) {
    return {
      problem: `the volume "${source}" holds the socket of Docker; docker.allow_socket of the config is not true`,
    };
  }
  return { path };
}

/** Why a network cannot be had, or null. */
function networkProblem(network: string, { allowPrivileged }: DockerPolicy): string | null {
  const isShared = network === 'host' || network.startsWith('container:');
  if (!isShared || allowPrivileged) return null;
  return `the network "${network}" is not the task's own; docker.allow_privileged of the config is not true`;
}

function isWithin(path: string | null, root: string | null): boolean {
  if (path === null || root === null) return false;
  return path === root || path.startsWith(root === '/' ? '/' : `${root}/`);
}

/** null when there is nothing. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function realParent(path: string): string | null {
  const parent = realPath(dirname(path));
  return parent === null ? null : join(parent, 'socket');
}
