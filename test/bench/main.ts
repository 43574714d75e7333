/** `npm run bench`: each row is a ratio to a floor measured in the same run; the whole goes to bench-results.json. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cachedPerTask } from './cache.ts';
import { displayPerTask } from './display.ts';
import { benchMasking } from './masking.ts';
import { benchSpawn } from './spawn.ts';

const PROGRAM = resolve('dist/runner.cjs');
const FLOOR = resolve('test/bench/floor.mjs');
const ROUNDS = 5;

const folder = mkdtempSync(join(tmpdir(), 'runner-bench-'));
const env = { PATH: process.env.PATH ?? '', HOME: folder, LANG: 'C.UTF-8', XDG_STATE_HOME: join(folder, 'state') };
/** What a task gets on top: the floor spawns with the same variables, so that neither side pays for a larger environment. */
const TASK_ENV = {
  CI: 'true',
  OUTPUT_FILE: join(folder, 'state/runner/exec/runs/01a1fca6-39c7-7c14-bb36-4efb2ad02869/outputs/t100.1'),
  RUNNER_ATTEMPT: '1',
  RUNNER_EVENT_NAME: 'manual',
  RUNNER_EVENT_PATH: join(folder, 'state/runner/exec/runs/01a1fca6-39c7-7c14-bb36-4efb2ad02869/event.json'),
  RUNNER_RUN_ID: '01a1fca6-39c7-7c14-bb36-4efb2ad02869',
  RUNNER_RUN_NUMBER: '1',
  RUNNER_SCHEDULED_AT: '',
  RUNNER_TASK: 't100',
  RUNNER_TASK_ID: '01a1fca6-39c7-7c14-bb36-4efb2ad02869.t100.1',
  RUNNER_TASK_IMAGE: '',
  RUNNER_WORKFLOW: 'independent-1000',
  RUNNER_WORKSPACE: folder,
};
const rows: { name: string; value: number; goal: string }[] = [];

try {
  const independent = (count: number) => file(`independent-${count}`, count, () => '');
  const chain = (count: number) =>
    file(`chain-${count}`, count, (index) => (index === 0 ? '' : `, depends_on: t${index - 1}`));
  const small = compare(
    () => slope(independent(1000), independent(1), 999, 2),
    () => floor(1000, 2) / 1000,
  );
  row('exec 1,000 × /bin/true, two at a time', small.ratio, '≤ 1.10');
  const large = median(2, () => slope(independent(10_000), independent(1000), 9000, 2));
  row('exec per task, 10,000 against 1,000', large / small.value, '≤ 1.05');
  const chained = compare(
    () => slope(chain(1000), chain(1), 999, 2),
    () => floor(1000, 1) / 1000,
  );
  row('exec 1,000-task chain', chained.ratio, '≤ 1.15');
  const cold = compare(
    () => exec(independent(1), 1),
    () => node(['-e', '0']),
  );
  row('exec of one /bin/true, cold, against node -e 0', cold.ratio, '≤ 2');
  row('1,000 cached tasks, ms a task', await cachedPerTask(PROGRAM, 3), '≤ 0.10');
  row('1 GB of output through exec, MB/s', throughput(), '≥ 250');
  row('load of 10,000 tasks, s', load(independent(10_000)) / 1000, '≤ 1');
  row('display, ms of CPU a task', await displayPerTask(10_000), '≤ 0.02');
  for (const { name, value } of benchMasking(200, () => {})) row(name, value, '≥ 500 MB/s, log ≤ 1.1 ×');
  await benchSpawn((line) => process.stdout.write(`${line}\n`));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
writeFileSync('bench-results.json', `${JSON.stringify(rows, null, 2)}\n`);

function row(name: string, value: number, goal: string): void {
  rows.push({ name, value: Number(value.toFixed(3)), goal });
  process.stdout.write(`${name} ${value.toFixed(2)} (goal ${goal})\n`);
}

/** Medians of both sides, measured in turn so that a slow moment of the machine hits both. */
function compare(ours: () => number, theirs: () => number): { readonly ratio: number; readonly value: number } {
  const pairs = Array.from({ length: ROUNDS }, () => [ours(), theirs()] as const);
  const value = middle(pairs.map(([mine]) => mine));
  return { ratio: middle(pairs.map(([mine, floorTime]) => mine / floorTime)), value };
}

/** Milliseconds a task costs beyond start-up and load: the slope between two sizes. */
function slope(large: string, little: string, tasks: number, width: number): number {
  return (exec(large, width) - load(large) - (exec(little, width) - load(little))) / tasks;
}

function exec(path: string, width: number): number {
  return node([PROGRAM, 'exec', path, '-j', String(width)]);
}

/** Start-up and load are measured by themselves: `validate` does both and nothing else. */
function load(path: string): number {
  return node([PROGRAM, 'validate', path]);
}

/** Megabytes a second of output that one task prints, through masking, log and display. */
function throughput(): number {
  const path = join(folder, 'output.yml');
  const command = `yes '${'x'.repeat(79)}' | head -c 1000000000 || true`;
  writeFileSync(path, `taskGroup: [{ name: print, run: ${JSON.stringify(command)}, log: { max_size: 2GiB } }]\n`);
  return 1_000_000 / node([PROGRAM, 'exec', path]);
}

function floor(count: number, width: number): number {
  const { stdout } = spawnSync(process.execPath, [FLOOR, String(count), String(width)], {
    env: { ...env, ...TASK_ENV },
    encoding: 'utf8',
  });
  return Number(stdout);
}

function node(args: readonly string[]): number {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - begin;
}

function file(name: string, count: number, more: (index: number) => string): string {
  const path = join(folder, `${name}.yml`);
  const task = (index: number) => `- { name: t${index}, type: os_exec, spec: { command: [/bin/true] }${more(index)} }`;
  writeFileSync(path, `taskGroup:\n${Array.from({ length: count }, (_, index) => task(index)).join('\n')}\n`);
  return path;
}

function median(rounds: number, measure: () => number): number {
  return middle(Array.from({ length: rounds }, measure));
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
