import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { buildSync } from 'esbuild';
import { findMarked } from '../../src/executor/process-table.ts';
import { connectExecutor, type RemoteSpawner } from '../../src/executor/remote-spawner.ts';
import { type ExecutorCommand, executorCommand } from '../../src/executor/start-executor.ts';
import type { Capture, Spawn } from '../../src/model/ports.ts';
import { systemClock } from '../../src/util/clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

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
  readonly #command: ExecutorCommand;
  readonly #mark = `rig-${crypto.randomUUID()}`;
  readonly #clients: RemoteSpawner[] = [];

  constructor(t: TestContext, command = executorCommand(BUNDLE, PATH)) {
    this.folder = temporaryFolder(t);
    this.#command = command;
    t.after(() => {
      for (const client of this.#clients) client.close();
      for (const pid of [...this.executors(), ...findMarked(`RIG=${this.#mark}`)]) kill(pid);
    });
  }

  get executorFolder(): string {
    return join(this.folder, '.executor');
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
    return findMarked(this.mark(name));
  }

  /** Kills the executors with -9 and waits until they are gone. */
  async killExecutors(): Promise<void> {
    for (const pid of this.executors()) kill(pid);
    await until(() => this.executors().length === 0);
  }

  #value(name: string): string {
    return `${this.#mark}.${name}`;
  }
}

/** Resolves once something holds that no event tells of. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
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
