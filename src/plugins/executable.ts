import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Json } from '../model/json.ts';
import { PLUGIN_API } from '../model/plugin.ts';
import type { Clock, Driver, Job } from '../model/ports.ts';
import type { Exit } from '../model/run.ts';
import { pluginJob, refusal } from './hosted-driver.ts';
import { PluginFailure } from './plugin-failure.ts';
import { LOAD_MS } from './plugin-life.ts';
import { takeReply } from './reply.ts';
import { killGroup, startPlugin } from './start-plugin.ts';
import type { PluginTaskType } from './task-type.ts';

/** The most an executable may print to describe itself, or to reply, in bytes. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Asks an executable what it is: `FILE describe`. @throws {PluginFailure} */
export async function describeExecutable(
  file: string,
  env: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<Json> {
  const { child, pid } = await startPlugin({ argv: [file, 'describe'], env });
  let isLate = false;
  const callOff = clock.after(LOAD_MS, () => {
    isLate = true;
    killGroup(pid);
  });
  child.once('exit', () => killGroup(pid));
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`));
  });
  const [stdout, stderr] = await Promise.all([gather(child.stdout, pid), gather(child.stderr, pid)]);
  const how = await ended;
  callOff();
  if (isLate) throw new PluginFailure(`describing itself took more than ${LOAD_MS / 1000} s`, stderr);
  if (how !== 'exit code 0') throw new PluginFailure(`"describe" failed: ${how}`, stderr);
  return parseReply(stdout, stderr);
}

/** Makes the driver for an executable, which is started once for each job; `programs` runs it. */
export function createExecutableDriver(file: string, type: PluginTaskType, version: string, programs: Driver): Driver {
  const drive = async (job: Job, run: (job: Job) => Promise<Exit>): Promise<Exit> => {
    const place = replyPlace(job);
    try {
      return exitOf(await run({ ...job, spec: { command: commandLine(file, place) } }), place, job);
    } finally {
      rmSync(place.folder, { recursive: true, force: true });
    }
  };
  const driver: Driver = {
    ...type,
    version: `${version} ${programs.version ?? ''}`,
    run: async (job, io) => {
      const refused = refusal(type, job);
      if (refused) return refused;
      writeRequest(job);
      return drive(job, (program) => programs.run(program, io));
    },
  };
  const recover = programs.recover?.bind(programs);
  if (!recover) return driver;
  return { ...driver, recover: (job, handle, io) => drive(job, (program) => recover(program, handle, io)) };
}

interface ReplyPlace {
  readonly folder: string;
  readonly request: string;
  readonly reply: string;
}

/** Beside the scratch folder, which is gone when the program has ended. */
function replyPlace({ scratch }: Job): ReplyPlace {
  const folder = `${scratch}.plugin`;
  return { folder, request: join(folder, 'request'), reply: join(folder, 'reply') };
}

function writeRequest(job: Job): void {
  const { env: _, ...rest } = pluginJob(job);
  const { folder, request, reply } = replyPlace(job);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(request, JSON.stringify({ api: PLUGIN_API, ...rest }), { mode: 0o600, flag: 'wx' });
  writeFileSync(reply, '', { mode: 0o600, flag: 'wx' });
}

/** The reply goes to a file, the log to stderr; descriptor 3 is the log's stdout. The shell is replaced by the program. */
function commandLine(file: string, { request, reply }: ReplyPlace): readonly [string, ...string[]] {
  return ['/bin/sh', '-c', 'exec "$0" run <"$1" 3>&1 >"$2"', file, request, reply];
}

function exitOf(exit: Exit, { reply }: ReplyPlace, job: Job): Exit {
  if (exit.kind !== 'exited') return exit;
  const said = readReply(reply);
  if ('problem' in said)
    return exit.code === 0 ? { kind: 'failed', reason: 'driver_error', message: said.problem } : exit;
  const taken = takeReply(said.value, job);
  if (taken.kind !== 'exited') return exit.code === 0 ? taken : exit;
  const notes = [...(exit.notes ?? []), ...(taken.notes ?? [])];
  return { kind: 'exited', code: exit.code === 0 ? taken.code : exit.code, ...(notes.length > 0 ? { notes } : {}) };
}

/** An executable that has nothing to say has done its work. */
function readReply(path: string): { readonly value: Json } | { readonly problem: string } {
  let text: string;
  try {
    if (statSync(path).size > MOST_BYTES) return { problem: `the plugin replied more than ${MOST_BYTES} bytes` };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { problem: `the reply of the plugin cannot be read: ${error instanceof Error ? error.message : error}` };
  }
  if (text.trim() === '') return { value: {} };
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { problem: `the plugin replied what is no JSON: ${text.trim().slice(0, 100)}` };
  }
}

function parseReply(stdout: string, stderr: string): Json {
  try {
    return JSON.parse(stdout) as Json;
  } catch {
    throw new PluginFailure(`"describe" printed what is no JSON: ${stdout.trim().slice(0, 100)}`, stderr);
  }
}

/** What a process prints; one that prints too much is ended. */
async function gather(stream: Readable | null, pid: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MOST_BYTES) killGroup(pid);
    else chunks.push(chunk);
  });
  await new Promise<void>((resolve) => {
    if (stream === null) resolve();
    stream?.once('close', () => resolve());
  });
  return Buffer.concat(chunks).toString();
}
