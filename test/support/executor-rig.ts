import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, type TestContext } from 'node:test';
import { buildSync } from 'esbuild';
import { findMarked } from '../../src/executor/process-table.ts';
import { connectExecutor, type RemoteSpawner } from '../../src/executor/remote-spawner.ts';
import { type ExecutorCommand, executorCommand } from '../../src/executor/start-executor.ts';
import type { Handle } from '../../src/model/event.ts';
import type { Capture, Spawn, SpawnIO } from '../../src/model/ports.ts';
import { systemClock } from '../../src/util/clock.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { until } from './until.ts';
import { WatchedIO } from './watched-io.ts';

/** The executor bundled from the sources, once per test file: it is started often. */
const BUNDLE = join(mkdtempSync(join(tmpdir(), 'runner-test-')), 'executor.cjs');
buildSync({ entryPoints: ['src/bin/executor.ts'], outfile: BUNDLE, bundle: true, platform: 'node', format: 'cjs' });
after(() => rmSync(dirname(BUNDLE), { recursive: true }));

/** Where the tests find programs. */
const PATH = process.env.PATH ?? '/usr/bin:/bin';

/** A folder for an executor and what it needs to run tasks. Executors and tasks are killed when the test ends. */
export class ExecutorRig {
  readonly folder: string;
  readonly problems: string[] = [];
  readonly executorFolder: string;
  readonly #command: ExecutorCommand = executorCommand(BUNDLE, PATH);
  readonly #mark = `rig-${crypto.randomUUID()}`;
  readonly #clients: RemoteSpawner[] = [];

  /** `below` makes the folder of the executor deeper. */
  constructor(t: TestContext, below = '') {
    this.folder = temporaryFolder(t);
    this.executorFolder = join(this.folder, below, '.executor');
    mkdirSync(join(this.folder, below), { recursive: true });
    t.after(() => {
      for (const client of this.#clients) client.close();
      for (const pid of [...this.executors(), ...findMarked(`RIG=${this.#mark}`)]) kill(pid);
    });
  }

  /** A client that is connected. */
  async connect(): Promise<RemoteSpawner> {
    const client = await connectExecutor({
      folder: this.executorFolder,
      command: this.#command,
      umask: 0o027,
      clock: systemClock,
      onProblem: (message) => this.problems.push(message),
    });
    this.#clients.push(client);
    return client;
  }

  /** Starts a task from a process of its own, and kills that process with -9 once the task has started. */
  async abandon(name: string, script: string): Promise<Handle> {
    const client = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), 'test/support/executor-client.ts', this.executorFolder],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const task = { command: this.#command, spawn: this.task(name, script), capture: this.capture(name) };
    client.stdin.end(JSON.stringify(task));
    const line = await firstLine(client.stdout);
    const gone = once(client, 'close');
    client.kill('SIGKILL');
    await gone;
    return JSON.parse(line.replace('started ', ''));
  }

  /** A task that runs a shell script, by a name that marks it. */
  task(name: string, script: string): Spawn {
    const env = { PATH, RIG: this.#mark, TASK: this.#value(name) };
    return {
      argv: ['sh', '-c', script],
      env: { ...env, OUTPUT_FILE: this.path(`${name}.output`) },
      cwd: this.folder,
      mark: this.mark(name),
    };
  }

  mark(name: string): string {
    return `TASK=${this.#value(name)}`;
  }

  capture(name: string, changes: Partial<Capture> = {}): Capture {
    return {
      runId: 'run',
      logPath: this.path(`${name}.log`),
      maxLogBytes: 100 * 1024 * 1024,
      secrets: [],
      outputFile: this.path(`${name}.output`),
      task: name,
      confidential: [],
      ...changes,
    };
  }

  /** What a run of the task needs, with ways to wait for it and to end it. */
  io(name: string, changes: Partial<Capture> = {}): KeptIO {
    return new KeptIO(this.capture(name, changes));
  }

  /** Resolves once the task has printed a text. */
  printed(name: string, text: string): Promise<void> {
    return until(() => this.log(name).includes(text));
  }

  log(name: string): string {
    const path = this.path(`${name}.log`);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Pids of the executors of the folder that live. */
  executors(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(this.executorFolder))
      .map(Number);
  }

  /** What of a task still runs. */
  strays(name: string): number[] {
    return [...findMarked(this.mark(name))];
  }

  /** Kills the executors with -9 and waits until they are gone; a client may have started another by then. */
  async killExecutors(): Promise<void> {
    const pids = this.executors();
    for (const pid of pids) kill(pid);
    await until(() => !this.executors().some((pid) => pids.includes(pid)));
  }

  #value(name: string): string {
    return `${this.#mark}.${name}`;
  }
}

/** What is asked of the caller of a task whose output is kept. */
export class KeptIO extends WatchedIO implements SpawnIO {
  readonly capture: Capture;

  constructor(capture: Capture) {
    super();
    this.capture = capture;
  }
}

async function firstLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  return text.split('\n')[0] ?? '';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
