import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { type Finished, finished, PROGRAM } from './program.ts';

/** The built daemon; `npm test` builds it first. */
export const DAEMON = resolve('dist/runnerd.cjs');

/** One line of the daemon's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly body: any;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A folder with workflows and a state folder, in which a test runs real daemons. Everything is ended and removed after the test. */
export class DaemonSandbox {
  readonly folder: string;
  readonly workflows: string;
  readonly stateDir: string;
  /** Where tasks write what really happened: one line each, appended. */
  readonly ledger: string;
  readonly env: Record<string, string>;
  readonly #daemons: RunningDaemon[] = [];
  readonly #beforeRemoval: (() => void)[] = [];

  constructor(t: Pick<TestContext, 'after'>) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'runnerd-')));
    this.workflows = join(this.folder, 'workflows');
    this.stateDir = join(this.folder, 'state');
    this.ledger = join(this.folder, 'ledger');
    mkdirSync(this.workflows);
    writeFileSync(this.ledger, '');
    this.env = {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: this.folder,
      LANG: 'C.UTF-8',
      LEDGER: this.ledger,
      XDG_CACHE_HOME: `${this.folder}-cache`,
    };
    t.after(async () => {
      for (const daemon of this.#daemons) await daemon.kill();
      killAllOf(this.folder);
      for (const action of this.#beforeRemoval) action();
      for (const folder of [this.folder, `${this.folder}-cache`]) {
        rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
      }
    });
  }

  /** Calls back once every process is gone, before the folders are removed. */
  beforeRemoval(action: () => void): void {
    this.#beforeRemoval.push(action);
  }

  /** Puts a workflow file in place, whole. */
  write(id: string, yaml: string): void {
    const path = join(this.workflows, `${id}.yml`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, yaml);
  }

  /** Makes an empty file that tasks may wait for. */
  touch(name: string): void {
    this.touchIn(this.folder, name);
  }

  /** The same in a folder of its own, such as a workspace. */
  touchIn(folder: string, name: string): void {
    writeFileSync(join(folder, name), '');
  }

  /** Starts a daemon and waits until it says that it is ready. */
  async start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<RunningDaemon> {
    const daemon = this.launch(args, env);
    await daemon.said('ready');
    return daemon;
  }

  /** Starts a daemon. `stateDir` may be another path to the same folder. */
  launch(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    stateDir = this.stateDir,
  ): RunningDaemon {
    const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const all = ['--workflows', this.workflows, '--state-dir', stateDir, ...listen, ...args];
    const child = spawn(process.execPath, [DAEMON, ...all], {
      cwd: this.folder,
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const daemon = new RunningDaemon(child, join(this.stateDir, 'runnerd.sock'));
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Starts a verb of the command line against the daemon, by its socket unless the words name a host. */
  verb(
    args: readonly string[],
    input = '',
    env: Readonly<Record<string, string>> = {},
  ): ChildProcessWithoutNullStreams {
    const all = [PROGRAM, ...args, ...(args.includes('--host') ? [] : ['--state-dir', this.stateDir])];
    const child = spawn(process.execPath, all, { cwd: this.folder, env: { ...this.env, ...env } });
    child.stdin.end(input);
    return child;
  }

  /** Runs a verb to its end. */
  cli(args: readonly string[], input = ''): Promise<Finished> {
    return finished(this.verb(args, input));
  }

  /** The lines tasks have written. */
  /** The first file of the database whose name is like that. */
  databaseFile(pattern: RegExp): string {
    const folder = join(this.stateDir, 'db');
    const name = readdirSync(folder).find((file) => pattern.test(file));
    if (name === undefined) throw new Error(`no file like ${pattern}`);
    return join(folder, name);
  }

  ledgerLines(): string[] {
    return readFileSync(this.ledger, 'utf8').split('\n').filter(Boolean);
  }

  /** The token for TCP. */
  get token(): string {
    return readFileSync(join(this.stateDir, 'token'), 'utf8').trim();
  }
}

/** A daemon a test has started. */
export class RunningDaemon {
  readonly pid: number;
  readonly lines: LogLine[] = [];
  /** What it wrote that is no line of its log. */
  stderr = '';
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly #child: ChildProcess;
  readonly #socket: string;
  readonly #waiting = new Set<() => void>();
  /** Whether it has ended. */
  isOver = false;

  constructor(child: ChildProcess, socket: string) {
    this.#child = child;
    this.#socket = socket;
    this.pid = child.pid ?? -1;
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = new Promise((done) => {
      child.on('close', (code, signal) => {
        this.isOver = true;
        for (const look of this.#waiting) look();
        done({ code, signal });
      });
    });
  }

  /** Where it listens, `http://127.0.0.1:PORT`. */
  get address(): string {
    return String(this.lines.find(({ msg }) => msg === 'ready')?.address ?? '');
  }

  /** Resolves with the first line of the log with this message that fits. */
  said(msg: string, fits: (line: LogLine) => boolean = () => true): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.lines.find((line) => line.msg === msg && fits(line));
        if (!found && !this.isOver) return;
        this.#waiting.delete(look);
        if (found) resolve(found);
        else
          reject(new Error(`the daemon ended without saying "${msg}":\n${JSON.stringify(this.lines)}\n${this.stderr}`));
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Asks the API over the control socket. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const { bytes, ...answer } = await this.#exchange(method, path, body);
    const isJson = String(answer.headers['content-type']).includes('json');
    return { ...answer, body: isJson ? JSON.parse(bytes.toString()) : bytes.toString() };
  }

  /** Gets what is no text. */
  async bytes(path: string): Promise<Buffer> {
    return (await this.#exchange('GET', path)).bytes;
  }

  #exchange(method: string, path: string, body?: unknown): Promise<Omit<Answer, 'body'> & { readonly bytes: Buffer }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        socketPath: this.#socket,
        method,
        path,
        headers: { host: 'localhost', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            bytes: Buffer.concat(chunks),
            headers: response.headers,
          }),
        );
      });
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Starts a run by hand. */
  async run(workflow: string, body: unknown = {}): Promise<string> {
    const answer = await this.ask('POST', `/api/v1/workflows/${encodeURIComponent(workflow)}/runs`, body);
    if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.id;
  }

  /** Waits for a run to end. */
  async wait(run: string): Promise<Answer['body']> {
    for (;;) {
      const { body, status } = await this.ask('GET', `/api/v1/runs/${run}?wait=30`);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      if (body.ended_at !== null) return body;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it at once, if it is there; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.isOver) this.#child.kill('SIGKILL');
    await this.ended;
  }

  #take(line: string): void {
    try {
      this.lines.push(JSON.parse(line) as LogLine);
    } catch {
      this.stderr += `${line}\n`;
    }
    for (const look of this.#waiting) look();
  }
}

/** Pids of processes whose environment or command line names the folder. */
export function processesOf(folder: string): number[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid);
  return pids.filter((pid) => mentions(pid, folder));
}

/** Pids of the tasks' own processes that are left. */
export function tasksOf(folder: string): number[] {
  return processesOf(folder).filter((pid) => readOf(pid, 'environ').includes('RUNNER_TASK_ID='));
}

/** Pids of the executors of daemons in the folder. */
export function executorsOf(folder: string): number[] {
  return processesOf(folder).filter((pid) => readOf(pid, 'cmdline').includes('executor.cjs'));
}

/** Empty when the process is gone. */
function readOf(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function mentions(pid: number, folder: string): boolean {
  try {
    if (!existsSync(`/proc/${pid}/exe`)) return false;
    return ['environ', 'cmdline'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(folder));
  } catch {
    return false;
  }
}

function killAllOf(folder: string): void {
  for (let tries = 0; tries < 50; tries++) {
    const pids = processesOf(folder);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone meanwhile, which is what was wanted.
      }
    }
  }
}
