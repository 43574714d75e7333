import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunPaths } from '../engine/ports.ts';
import type { TaskUser } from '../model/task-user.ts';
import { removeTree } from '../util/remove-tree.ts';
import { fetchedSecretsPath } from './run-secrets.ts';

/** Where a run keeps its files. */
export function runPaths(runs: string, id: string): RunPaths {
  const runDir = join(runs, id);
  return { workspace: join(runDir, 'workspace'), runDir, eventPath: join(runDir, 'event.json') };
}

/** The log of one attempt. */
export function logPath(runs: string, id: string, taskId: string, attempt: number): string {
  return join(runs, id, 'logs', `${taskId}.${attempt}.log`);
}

/** The environment one attempt got, as a list for people. */
export function environmentPath(runs: string, id: string, taskId: string, attempt: number): string {
  return join(runs, id, 'logs', `${taskId}.${attempt}.env.json`);
}

/**
 * Makes the folders of a run, unless they are there. What its tasks need is given to their user, when they have one of their own.
 * @throws when the disk is full
 */
export function makeRunFolder({ runDir, workspace }: RunPaths, user: TaskUser | null): void {
  const outputs = join(runDir, 'outputs');
  for (const folder of [join(runDir, 'logs'), outputs, workspace]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user === null) return;
  for (const path of [outputs, workspace]) chownSync(path, user.uid, user.gid);
  letThrough(runDir, user);
}

/** Writes the payload of a run's trigger, as JSON, where its tasks read it. @throws when the disk is full */
export function writePayload({ eventPath }: RunPaths, payload: string, user: TaskUser | null): void {
  writeFileSync(eventPath, payload, { mode: 0o600 });
  if (user !== null) chownSync(eventPath, user.uid, user.gid);
}

/** Lets the user of tasks pass a folder on the way to its own, without seeing what else is in it. */
export function letThrough(folder: string, { gid }: TaskUser): void {
  chownSync(folder, UNCHANGED, gid);
  chmodSync(folder, 0o710);
}

/** An owner that stays as it is, see chown(2). */
const UNCHANGED = 0xffffffff;

/** Takes away what only the tasks of a run needed while they ran. @throws after all is tried, when something stays */
export async function clearRunFolder({ runDir, eventPath }: RunPaths): Promise<void> {
  const paths = [fetchedSecretsPath(runDir), eventPath, join(runDir, 'outputs'), join(runDir, 'scratch')];
  const results = await Promise.allSettled(paths.map(removeTree));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
