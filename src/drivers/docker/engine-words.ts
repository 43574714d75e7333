import type { FailureReason } from '../../model/reason.ts';
import type { Exit } from '../../model/run.ts';
import type { EngineError } from './engine-client.ts';

/** A failure of a task, in words. */
export type Failure = Extract<Exit, { kind: 'failed' }>;

/** Why a container could not be had. */
export function provisioningFailure(message: string): Failure {
  return { kind: 'failed', reason: 'provisioning_failed', message };
}

/** What a refusal of the engine means, and what to do. */
export function engineWords(error: EngineError, socketPath: string): string {
  if (error.status !== 0) return `Docker says: ${firstLine(error.message)}`;
  switch (error.code) {
    case 'ENOENT':
      return `Docker cannot be reached: there is no socket ${socketPath}; is Docker installed and started? (docker.socket of the config, or DOCKER_HOST, names another)`;
    case 'EACCES':
    case 'EPERM':
      return `Docker cannot be reached: no permission for ${socketPath}; add the user to the group "docker" and log in again, or use rootless Docker`;
    case 'ECONNREFUSED':
      return `Docker cannot be reached: nobody listens on ${socketPath}; start it, for example with "systemctl start docker"`;
    default:
      return `Docker cannot be reached on ${socketPath}: ${error.message}`;
  }
}

/** Whether the engine refused a container only because it cannot bound what that writes to the disk. */
export function cannotBoundDisk({ message }: EngineError): boolean {
  return /storage-opt/i.test(message);
}

/** What an engine must be like for that. */
export const DISK_BOUND_NEEDS = 'it takes overlay2 on xfs with pquota, btrfs or zfs';

/** Why a container did not start. */
export function startFailure(error: EngineError, socketPath: string): Failure {
  if (error.status === 0) return provisioningFailure(engineWords(error, socketPath));
  const message = firstLine(error.message);
  const [reason, hint] = START_FAILURES.find(([words]) => words.test(message))?.slice(1) ?? ['provisioning_failed', ''];
  return { kind: 'failed', reason: reason as FailureReason, message: `the container did not start${hint}: ${message}` };
}

/** Whether trying again may help: nobody answered, the engine had trouble, or a registry has. */
export function isPassing(error: EngineError): boolean {
  if (error.status === 0) return error.code !== 'EACCES' && error.code !== 'EPERM';
  return error.status >= 500 && !FINAL.test(error.message);
}

/** What registries say that will not change. */
const FINAL = /manifest|denied|unauthori[sz]ed|authentication|not found|no match|invalid reference|storage-opt/i;

/**
 * From what the program that makes containers says. A command that is not there is none of these: the container's first process
 * starts, says so and ends with 127.
 */
const START_FAILURES: readonly (readonly [RegExp, FailureReason, string])[] = [
  [/argument list too long/i, 'too_long', '; put the script or the values in `files`'],
  [/chdir to cwd/i, 'bad_working_dir', '; `working_dir` is no folder the task may enter'],
];

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
