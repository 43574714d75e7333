import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DaemonSandbox, RunningDaemon } from './daemon.ts';
import { type Finished, finished, PROGRAM } from './program.ts';

/** What a run left, with everything that differs from run to run by design put as a word in angle brackets. */
export interface RunPicture {
  readonly code: number | null;
  readonly status: string;
  readonly reason: string | null;
  readonly results: unknown;
  /** By task and attempt; one character a byte. */
  readonly logs: Readonly<Record<string, string>>;
}

/** What `runner exec` makes of a file, in an empty folder. */
export async function pictureOfExec(
  sandbox: DaemonSandbox,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunPicture> {
  // The same folder each time, for exec keeps its cached results by folder; emptied, as a daemon begins with nothing in it.
  const workspace = join(sandbox.folder, 'exec', basename(file));
  rmSync(workspace, { recursive: true, force: true });
  const stateDir = join(sandbox.folder, 'exec-state');
  const all = ['exec', file, '--json', '--state-dir', stateDir, ...args];
  const ended = await program(all, made(workspace), { ...sandbox.env, ...env });
  if (!ended.stdout.startsWith('{')) throw new Error(ended.stderr);
  const { id, status, reason, results } = JSON.parse(ended.stdout);
  const runDir = join(stateDir, 'runs', id);
  const logs: Record<string, string> = {};
  for (const name of readdirSync(join(runDir, 'logs'))) {
    if (name.endsWith('.log')) logs[name.slice(0, -'.log'.length)] = readFileSync(join(runDir, 'logs', name), 'latin1');
  }
  return neutral({ code: ended.code, status, reason, results, logs }, [
    [workspace, '<workspace>'],
    [runDir, '<run folder>'],
    [id, '<run>'],
  ]);
}

/** What a daemon makes of a workflow. */
export async function pictureOfDaemon(
  sandbox: DaemonSandbox,
  daemon: RunningDaemon,
  workflow: string,
  args: readonly string[],
): Promise<RunPicture> {
  const ended = await sandbox.cli(['run', workflow, '--wait', '--json', ...args]);
  if (!ended.stdout.startsWith('{')) throw new Error(ended.stderr);
  const { id, number } = JSON.parse(ended.stdout);
  const { status, reason, results } = JSON.parse((await sandbox.cli(['show', id, '--json'])).stdout);
  const runDir = join(sandbox.stateDir, 'runs', id);
  return neutral({ code: ended.code, status, reason, results, logs: await logsOf(daemon, id) }, [
    [join(runDir, 'workspace'), '<workspace>'],
    [runDir, '<run folder>'],
    [id, '<run>'],
    [`RUNNER_RUN_NUMBER=${number}`, 'RUNNER_RUN_NUMBER=1'],
    [`heartbeat ${number}`, 'heartbeat 1'],
  ]);
}

async function logsOf(daemon: RunningDaemon, run: string): Promise<Record<string, string>> {
  const logs: Record<string, string> = {};
  const { body } = await daemon.ask('GET', `/api/v1/runs/${run}`);
  for (const { id, type } of body.tasks) {
    // A task that calls a workflow prints nothing; a daemon notes in its log which run that was.
    if (type === 'workflow') continue;
    const task = `/api/v1/runs/${run}/tasks/${encodeURIComponent(id)}`;
    for (const attempt of (await daemon.ask('GET', task)).body.logs) {
      logs[`${id}.${attempt}`] = (await wholeLog(daemon, `${task}/log?attempt=${attempt}`)).toString('latin1');
    }
  }
  return logs;
}

async function wholeLog(daemon: RunningDaemon, path: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let offset = 0; ; ) {
    const part = await daemon.bytes(`${path}&offset=${offset}`);
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
    offset += part.length;
  }
}

/** The differences that are meant to be: where a run has its files, what it is called, and how long things took. */
function neutral(picture: RunPicture, words: readonly (readonly [string, string])[]): RunPicture {
  const replace = (text: string): string =>
    words
      .reduce((all, [from, to]) => all.replaceAll(from, to), text)
      .replace(/\b\d\d:\d\d:\d\d\b/g, '<time>')
      .replace(/\bpid \d+/g, 'pid <number>')
      .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>');
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return replace(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([key]) => key !== 'duration_ms');
    return Object.fromEntries(entries.map(([key, inner]) => [replace(key), walk(inner)]));
  };
  return walk(picture) as RunPicture;
}

function made(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

function program(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Finished> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env });
  child.stdin.end();
  return finished(child);
}
