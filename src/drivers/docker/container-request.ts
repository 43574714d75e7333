import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isJsonObject } from '../../model/json.ts';
import type { Job } from '../../model/ports.ts';
import type { DockerSpec, Volume } from './container-spec.ts';
import { scriptArgv } from './script-argv.ts';

/** What the engine is asked to create, as its API takes it. */
export type ContainerRequest = Readonly<Record<string, unknown>>;

/** Whose a container is. */
export interface ContainerOwner {
  /** Marks the containers of one daemon, or of one `exec`. */
  readonly instance: string;
  /** The one process that attends them, when no other may take them up. */
  readonly process?: string;
}

/** What decides about a container besides its job. */
export interface RequestOptions {
  readonly owner: ContainerOwner;
  /** Whether the engine keeps what the container writes, for who takes it up after us. */
  readonly keepsOutput: boolean;
  /** Judged already; sources are real paths. */
  readonly volumes: readonly Volume[];
  /** Who the task is inside when it does not say, as `UID:GID`. */
  readonly usualUser: string;
}

/** The home folder of a task whose user is not chosen, inside. */
export const HOME = '/home/runner';

/** The home folder of a job on this machine. */
export function homeOf({ scratch }: Job): string {
  return join(scratch, 'home');
}

/**
 * The files a job writes its outputs to, which are there before it starts: only they are shared, not the folder they lie in. Each has a
 * second name (`source`) where no other task gets: in that folder one could be a link to anything by the time the engine follows it.
 */
export function outputFilesOf({ outputFile, task, scratch }: Job): readonly SharedFile[] {
  // The name of an instance of a matrix goes on with its combination.
  const targets = [outputFile, `${outputFile}_${task.replace(/\(.*/s, '')}`];
  return targets.map((target, index) => ({ source: join(scratch, `output-${index}`), target }));
}

/** A file that has another path inside than outside. */
export interface SharedFile {
  readonly source: string;
  readonly target: string;
}

/** What every container of an attempt is known by; nothing without all of these is ever touched. */
export function labelsOf(job: Job, owner: ContainerOwner): Readonly<Record<string, string>> {
  return {
    runner: owner.instance,
    ...(owner.process === undefined ? {} : { [PROCESS_LABEL]: owner.process }),
    'runner.run': job.runId,
    'runner.task': job.taskId,
    'runner.attempt': String(job.attempt),
  };
}

/** The label that names the process a container ends with. */
export const PROCESS_LABEL = 'runner.process';

/** The name of an attempt's container: there can be only one. */
export function containerName({ runId, taskId, attempt }: Job): string {
  return `runner-${runId}-${taskId}-${attempt}`;
}

/** Describes the container of an attempt: confined, with the workspace at its own path. */
export function containerRequest(job: Job, spec: DockerSpec, options: RequestOptions): ContainerRequest {
  return {
    Image: spec.image,
    ...commandOf(job, spec),
    Env: environmentOf(job, spec),
    User: spec.user ?? options.usualUser,
    WorkingDir: resolve(job.workspace, job.workingDir ?? ''),
    Labels: labelsOf(job, options.owner),
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      // A first process that passes signals on and collects the dead.
      Init: true,
      Mounts: mountsOf(job, spec, options.volumes),
      ...(spec.network === null ? {} : { NetworkMode: spec.network }),
      LogConfig: options.keepsOutput ? KEPT : NOT_KEPT,
      ...boundsOf(job),
      ...(spec.privileged ? { Privileged: true } : CONFINED),
    },
  };
}

/**
 * The engine's one record that holds any byte as it is, and so large that it is not begun anew, which loses some. Beyond it, output
 * from before a crash may be missing.
 */
const KEPT = { Type: 'local', Config: { 'max-size': '4g', 'max-file': '1', compress: 'false' } };

const NOT_KEPT = { Type: 'none', Config: {} };

/** What a package manager needs to install something as root; without it not even root's own files can be given away. */
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'NET_BIND_SERVICE'];

const CONFINED = { CapDrop: ['ALL'], CapAdd: CAPABILITIES, SecurityOpt: ['no-new-privileges'] };

const USUAL_PIDS = 512;

function commandOf(job: Job, { command, entrypoint }: DockerSpec): ContainerRequest {
  const given = entrypoint === null ? {} : { Entrypoint: entrypoint };
  if (command === null) return given;
  if (typeof command !== 'string') return { ...given, Cmd: command };
  const argv = scriptArgv(command, job.shell);
  return entrypoint === null ? { Entrypoint: argv, Cmd: [] } : { ...given, Cmd: argv };
}

/** Without what is only this machine's; as with every driver the spec wins, except for what the program itself relies on. */
function environmentOf(job: Job, spec: DockerSpec): string[] {
  const env: Record<string, string> = { ...(spec.user === null ? { HOME } : {}) };
  const isInherited = new Set(job.inherited);
  for (const [name, value] of Object.entries(job.env)) if (!isInherited.has(name)) env[name] = value;
  const own = isJsonObject(job.spec.env) ? job.spec.env : {};
  for (const [name, value] of Object.entries(own)) if (value !== null) env[name] = String(value);
  env.OUTPUT_FILE = job.outputFile;
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

function mountsOf(job: Job, spec: DockerSpec, volumes: readonly Volume[]): readonly object[] {
  const event = statSync(job.eventPath, { throwIfNoEntry: false }) ? [shared(job.eventPath, true)] : [];
  return [
    shared(job.workspace, false),
    ...outputFilesOf(job).map(({ source, target }) => mount(source, target, false)),
    ...event,
    ...(spec.user === null ? [mount(homeOf(job), HOME, false)] : []),
    ...volumes.map(({ source, target, readOnly }) => mount(source, target, readOnly)),
  ];
}

/** The same path inside as outside. */
function shared(path: string, readOnly: boolean): object {
  return mount(path, path, readOnly);
}

/** A mount, not a bind: the engine would make the source of a bind that is missing. */
function mount(source: string, target: string, readOnly: boolean): object {
  return { Type: 'bind', Source: source, Target: target, ReadOnly: readOnly };
}

function boundsOf({ resources }: Job): ContainerRequest {
  const { cpu, memoryBytes, diskBytes, pids, shmBytes, nofile } = resources;
  return {
    PidsLimit: pids ?? USUAL_PIDS,
    ...(cpu === null ? {} : { NanoCpus: Math.round(cpu * 1e9) }),
    // As much swap as memory would double the bound.
    ...(memoryBytes === null ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(diskBytes === null ? {} : { StorageOpt: { size: String(diskBytes) } }),
    ...(shmBytes === null ? {} : { ShmSize: shmBytes }),
    ...(nofile === null ? {} : { Ulimits: [{ Name: 'nofile', Soft: nofile, Hard: nofile }] }),
  };
}
