import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { floor, taskEnv } from './floor.ts';
import type { Row } from './report.ts';
import { median } from './statistics.ts';

const ROUNDS = 5;

/** The rows of `exec`, each against a floor measured in turn with it. `program` is the built program. */
export function benchExec(program: string, row: Row): void {
  const folder = mkdtempSync(join(tmpdir(), 'runner-bench-'));
  try {
    measure(new ExecBench(program, folder), row);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(bench: ExecBench, row: Row): void {
  const independent = (count: number) => bench.file(`independent-${count}`, count, () => '');
  const chain = (count: number) =>
    bench.file(`chain-${count}`, count, (index) => (index === 0 ? '' : `, depends_on: t${index - 1}`));
  const small = compare(
    () => bench.perTask(independent(1000), 1000, 2),
    () => bench.floor(1000, 2) / 1000,
  );
  row('exec 1,000 × /bin/true, two at a time', small.ratio, '≤ 1.10');
  const large = median([1, 2].map(() => bench.perTask(independent(10_000), 10_000, 2)));
  row('exec per task, 10,000 against 1,000', large / small.value, '≤ 1.05');
  const chained = compare(
    () => bench.perTask(chain(1000), 1000, 2),
    () => bench.floor(1000, 1) / 1000,
  );
  row('exec 1,000-task chain', chained.ratio, '≤ 1.15');
  const cold = compare(
    () => bench.exec(independent(1), 1),
    () => bench.node(['-e', '0']),
  );
  row('exec of one /bin/true, cold, against node -e 0', cold.ratio, '≤ 2');
  row('1 GB of output through exec, MB/s', bench.throughput(), '≥ 250');
  row('load of 10,000 tasks, s', bench.load(independent(10_000)) / 1000, '≤ 1');
}

/** Medians of both sides, measured in turn so that a slow moment of the machine hits both. */
function compare(ours: () => number, theirs: () => number): { readonly ratio: number; readonly value: number } {
  const pairs = Array.from({ length: ROUNDS }, () => [ours(), theirs()] as const);
  const value = median(pairs.map(([mine]) => mine));
  return { ratio: median(pairs.map(([mine, floorTime]) => mine / floorTime)), value };
}

/** Runs the program in a folder of its own. Times are in ms. */
class ExecBench {
  readonly #program: string;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(program: string, folder: string) {
    this.#program = program;
    this.#folder = folder;
    const state = join(folder, 'state');
    this.#env = { PATH: process.env.PATH ?? '', HOME: folder, LANG: 'C.UTF-8', XDG_STATE_HOME: state };
  }

  /** What a task costs beyond start-up and load: the slope between the first task of a file, and all of them. */
  perTask(path: string, tasks: number, width: number): number {
    return (this.exec(path, width) - this.exec(path, width, '--only', 't0')) / (tasks - 1);
  }

  exec(path: string, width: number, ...more: readonly string[]): number {
    return this.node([this.#program, 'exec', path, '-j', String(width), ...more]);
  }

  /** `validate` starts and loads, and does nothing else. */
  load(path: string): number {
    return this.node([this.#program, 'validate', path]);
  }

  floor(count: number, width: number): number {
    const runs = join(this.#folder, 'state/runner/exec/runs');
    return floor(count, width, { ...this.#env, ...taskEnv(runs, this.#folder) });
  }

  /** Megabytes a second of output that one task prints, through masking, log and display. */
  throughput(): number {
    const command = `yes '${'x'.repeat(79)}' | head -c 1000000000 || true`;
    const text = `taskGroup: [{ name: print, run: ${JSON.stringify(command)}, log: { max_size: 2GiB } }]\n`;
    return 1_000_000 / this.node([this.#program, 'exec', this.#write('output', text)]);
  }

  node(args: readonly string[]): number {
    const begin = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, {
      env: this.#env,
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
    return performance.now() - begin;
  }

  file(name: string, count: number, more: (index: number) => string): string {
    const task = (index: number) =>
      `- { name: t${index}, type: os_exec, spec: { command: [/bin/true] }${more(index)} }`;
    return this.#write(name, `taskGroup:\n${Array.from({ length: count }, (_, index) => task(index)).join('\n')}\n`);
  }

  #write(name: string, text: string): string {
    const path = join(this.#folder, `${name}.yml`);
    writeFileSync(path, text);
    return path;
  }
}
