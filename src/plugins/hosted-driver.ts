import { resolve } from 'node:path';
import { withFiles } from '../drivers/with-files.ts';
import { processHandle, readBootId } from '../executor/process-table.ts';
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import type { PluginJob } from '../model/plugin.ts';
import type { Driver, DriverIO, Job } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import type { TaskUser } from '../model/task-user.ts';
import { tryToRemoveTree } from '../util/remove-tree.ts';
import { PluginFailure } from './plugin-failure.ts';
import type { PluginProcess } from './plugin-process.ts';
import { takeReply } from './reply.ts';
import type { JobEnd } from './running-job.ts';
import type { PluginTaskType } from './task-type.ts';

/** A plugin and what it says of one of its drivers. */
export interface HostedDriver {
  readonly plugin: string;
  readonly type: PluginTaskType;
  readonly version: string;
  readonly process: PluginProcess;
}

/** The end of a job that was ended before it began. */
const NEVER_STARTED: Exit = { kind: 'signaled', signal: 'SIGTERM', notes: ['ended before it started'] };

/**
 * Makes the driver whose jobs run in the process of a plugin, or in the programs it names, which `programs` runs, as `user` when there
 * is one.
 */
export function createHostedDriver(hosted: HostedDriver, programs: Driver, user: TaskUser | null): Driver {
  const { type, plugin, version } = hosted;
  const run: Driver['run'] = async (job, io) => {
    const folder = resolve(job.workspace, job.workingDir ?? '');
    // They are there for a program, too, that the job hands over to.
    const go = () => runJob(hosted, programs, { ...job, files: [] }, io);
    try {
      return await withFiles(job, { folder, owner: user, io }, go);
    } finally {
      if (job.files.length > 0) await tryToRemoveTree(job.scratch);
    }
  };
  // A plugin does not outlive the program, but a program it named does.
  const recover = programs.recover?.bind(programs);
  const driver = { ...type, version: `${plugin} ${version} ${programs.version ?? ''}`, run };
  return recover ? { ...driver, recover: (job, _handle, io) => recover(job, null, io) } : driver;
}

/** What of a job a plugin gets to see. */
export function pluginJob(job: Job): PluginJob {
  const { runId: run, workflow, task, attempt, type, spec, env, workspace } = job;
  return { run, workflow, task, attempt, type, spec, env, workspace, folder: resolve(workspace, job.workingDir ?? '') };
}

/** Why a job cannot be given to a plugin, or null. */
export function refusal(type: PluginTaskType, { spec }: Job): Exit | null {
  const problem = type.judge(spec);
  return problem === null ? null : { kind: 'failed', reason: 'driver_error', message: problem };
}

async function runJob(hosted: HostedDriver, programs: Driver, job: Job, io: DriverIO): Promise<Exit> {
  const { type, plugin, process } = hosted;
  if (io.signal.aborted) return NEVER_STARTED;
  const refused = refusal(type, job);
  if (refused) return refused;
  let wrote = false;
  const write: DriverIO['write'] = (stream, chunk) => {
    wrote = true;
    return io.write(stream, chunk);
  };
  let end: JobEnd | null;
  try {
    const started = (pid: number) => io.started(processHandle(pid, readBootId()));
    end = await process.run({ type: 'run', job: pluginJob(job) }, { signal: io.signal, write }, started);
  } catch (error) {
    if (!(error instanceof PluginFailure)) throw error;
    return broken(`the plugin "${plugin}" cannot be used: ${error.message}`);
  }
  if (end?.kind === 'reply' && isJsonObject(end.reply) && Array.isArray(end.reply.command)) {
    return handOver(end.reply, wrote, programs, job, io);
  }
  return exitOf(end, plugin, job, io);
}

async function exitOf(end: JobEnd | null, plugin: string, job: Job, io: DriverIO): Promise<Exit> {
  switch (end?.kind) {
    case undefined:
      return NEVER_STARTED;
    case 'died':
      if (io.signal.aborted)
        return { kind: 'signaled', signal: 'SIGKILL', notes: [`the plugin was ended: ${end.how}`] };
      return broken(
        `the plugin "${plugin}" died while it ran this task: ${end.how}; what the task had done is not known`,
      );
    case 'threw':
      if (io.signal.aborted) return { kind: 'signaled', signal: 'SIGTERM' };
      await io.write('stderr', Buffer.from(`${end.failure.stack}\n`));
      return broken(end.failure.message);
    case 'reply':
      return takeReply(end.reply, job);
  }
}

/** The program is told nothing of the plugin: it is a task like any other, which is found again after a crash. */
async function handOver(
  { command, env }: JsonObject,
  wrote: boolean,
  programs: Driver,
  job: Job,
  io: DriverIO,
): Promise<Exit> {
  if (!Array.isArray(command) || command.length === 0 || !command.every(isText)) {
    return broken('"command" must be a list of texts');
  }
  if (wrote) return broken('a job that hands over to a program cannot write to the log before');
  // That it runs is known already.
  const started = async (): Promise<void> => {};
  const spec = { command, ...(isJsonObject(env) ? { env } : {}) };
  return programs.run({ ...job, spec }, { ...handedOn(io), started });
}

function handedOn(io: DriverIO): Omit<DriverIO, 'started'> {
  return {
    signal: io.signal,
    write: (stream, chunk) => io.write(stream, chunk),
    phase: (phase) => io.phase(phase),
    ...(io.capture ? { capture: io.capture } : {}),
  };
}

function isText(value: Json): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function broken(message: string): Exit {
  return { kind: 'failed', reason: 'driver_error', message };
}
