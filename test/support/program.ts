import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { stopServers } from './store-process.ts';

/** The built program; `npm test` builds it first. */
export const PROGRAM = resolve('dist/runner.cjs');

/** What a finished program left. */
export interface Finished {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder in which a test runs the program as a user would. */
export class Sandbox {
  readonly folder: string;
  readonly env: Record<string, string>;

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'runner-e2e-'));
    this.env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: this.folder, LANG: 'C.UTF-8' };
    // Beside the folder, so that a test may say what is in the folder.
    this.env.XDG_CACHE_HOME = `${this.folder}-cache`;
    t.after(async () => {
      // A store process would write into the folders once more when it ends.
      if (existsSync(join(this.stateDir, 'cache'))) await stopServers(this.stateDir);
      for (const folder of [this.folder, `${this.folder}-cache`]) rmSync(folder, { recursive: true, force: true });
    });
  }

  /** Where the program keeps its runs when no other place is named. */
  get stateDir(): string {
    return join(this.folder, '.local/state/runner/exec');
  }

  /** Writes a file and returns its path. */
  write(name: string, text: string | Uint8Array): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Starts the program; stdin is closed. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcessWithoutNullStreams {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: this.folder, env: { ...this.env, ...env } });
    child.stdin.end();
    return child;
  }

  /** Runs the program to its end. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return finished(this.start(args, env));
  }

  /** Writes a workflow and runs it with `exec --json`; the result is parsed. */
  async exec(yaml: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const ended = await this.run(['exec', this.write('test.yml', yaml), '--json', ...args], env);
    const result = ended.stdout.startsWith('{') ? (JSON.parse(ended.stdout) as ExecResult) : null;
    return { ...ended, result };
  }
}

/** The Task Group Result as a reader of the JSON sees it. */
export interface ExecResult {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly results: Readonly<Record<string, ExecTask>>;
}

/** One task of the result. */
export interface ExecTask {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly reason: string | null;
  readonly message?: string;
  readonly exit_code: number | null;
  readonly attempts: number;
  readonly duration_ms: number;
  readonly outputs: Readonly<Record<string, string | readonly (string | null)[]>>;
  readonly instances?: readonly (ExecTask & { readonly matrix: Readonly<Record<string, unknown>> })[];
  readonly result?: string;
  readonly result_truncated?: boolean;
  readonly notes?: readonly string[];
}

/** Collects a child's output until it is gone. */
export function finished(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

/** Resolves once a stream has printed a text. */
export function printed(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const look = (chunk: Buffer): void => {
      seen += chunk.toString();
      if (seen.includes(text)) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('close', () => reject(new Error(`the program ended without printing ${text}; it printed:\n${seen}`)));
  });
}
