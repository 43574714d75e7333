import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Handle } from '../../model/event.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Driver, DriverIO, Job, Spawn, Spawner } from '../../model/ports.ts';
import type { Exit } from '../../model/run.ts';
import type { TaskUser } from '../../model/task-user.ts';
import { findProgram } from '../../util/find-program.ts';
import { tryToRemoveTree } from '../../util/remove-tree.ts';
import { removePlaced } from '../injected-files.ts';
import { thenRemove, withFiles } from '../with-files.ts';
import { commandLine, type ShellName } from './command-line.ts';
import { processTaskType } from './task-type.ts';

/** What the driver takes from outside. */
export interface ProcessDriverOptions {
  readonly spawner: Spawner;
  /** The PATH that decides whether `shell: default` is bash. */
  readonly path: string;
  /** Who tasks run as; null is whoever the spawner runs as. */
  readonly user?: TaskUser | null;
}

/** Makes the driver for tasks of type `os_exec`. */
export function createProcessDriver({ spawner, path, user = null }: ProcessDriverOptions): Driver {
  const defaultShell = findProgram('bash', path) === undefined ? 'sh' : 'bash';
  const version = `1 ${defaultShell}`;
  const run: Driver['run'] = (job, io) => runJob(job, io, spawner, { shell: defaultShell, user });
  const attend = spawner.attend?.bind(spawner);
  if (!attend) return { ...processTaskType, version, run };
  return { ...processTaskType, version, run, recover: (job, handle, io) => recoverJob(job, handle, io, attend) };
}

/** How tasks are started. */
interface Manner {
  /** What `shell: default` is. */
  readonly shell: ShellName;
  readonly user: TaskUser | null;
}

async function runJob(job: Job, io: DriverIO, spawner: Spawner, { shell, user }: Manner): Promise<Exit> {
  const folder = resolve(job.workspace, job.workingDir ?? '');
  const argv = commandLine(job, shell);
  const plain = { argv, env: environmentOf(job), cwd: folder, mark: taskMark(job) };
  const spawn: Spawn = user === null ? plain : { ...plain, user };
  return withoutScratch(job, () => {
    return withFiles(job, { folder, owner: user, io }, () => spawner.run(spawn, io));
  });
}

/** Nothing is put in place again: the process may be running, and is never started twice. */
function recoverJob(
  job: Job,
  handle: Handle | null,
  io: DriverIO,
  attend: NonNullable<Spawner['attend']>,
): Promise<Exit> {
  const run = (): Promise<Exit> => attend(taskMark(job), handle, io);
  return withoutScratch(job, () => (job.files.length === 0 ? run() : thenRemove(io, run, () => removePlaced(job))));
}

/** Takes the scratch folder away in the end, if the job made one. */
async function withoutScratch(job: Job, run: () => Promise<Exit>): Promise<Exit> {
  try {
    return await run();
  } finally {
    if (existsSync(job.scratch)) await tryToRemoveTree(job.scratch);
  }
}

/**
 * The spec's `env` wins over the task's, except for what the program itself relies on: where outputs go, and the two variables by
 * which a stray process is found, RUNNER_TASK_ID (this attempt) and RUNNER_RUN_ID (the whole run).
 */
function environmentOf(job: Job): Record<string, string> {
  const env: Record<string, string> = { ...job.env };
  const own = isJsonObject(job.spec.env) ? job.spec.env : {};
  for (const [name, value] of Object.entries(own)) if (value !== null) env[name] = String(value);
  env.OUTPUT_FILE = job.outputFile;
  env.RUNNER_RUN_ID = job.runId;
  env.RUNNER_TASK_ID = taskId(job);
  return env;
}

function taskMark(job: Job): string {
  return `RUNNER_TASK_ID=${taskId(job)}`;
}

/** Unique: no two attempts share it. */
function taskId(job: Job): string {
  return `${job.runId}.${job.taskId}.${job.attempt}`;
}
