import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TASKS = 1_000;

/**
 * Milliseconds that a task served from the cache costs `exec`: the slope between one task and `TASKS`, start-up and load
 * taken off, the median of `rounds`. `program` is the built program.
 */
export function cachedPerTask(program: string, rounds: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'runner-bench-'));
  const node = (...args: readonly string[]): number => {
    const begin = performance.now();
    const env = { PATH: process.env.PATH ?? '', HOME: folder };
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: folder, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return performance.now() - begin;
  };
  try {
    const [many, one] = [write(folder, 'many.yml', TASKS), write(folder, 'one.yml', 1)];
    for (const file of [many, one]) node('exec', file, '--json');
    const cost = (file: string) => node('exec', file, '--json') - node('validate', file);
    const slopes = Array.from({ length: rounds }, () => (cost(many) - cost(one)) / (TASKS - 1));
    return slopes.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder: string, name: string, count: number): string {
  const task = (index: number) =>
    `- { name: t${index}, run: 'echo "v=${index}" >> "$OUTPUT_FILE"', exports: [{ name: v, scope: global }], cache: {} }`;
  const path = join(folder, name);
  writeFileSync(path, `taskGroup:\n${Array.from({ length: count }, (_, index) => task(index)).join('\n')}\n`);
  return path;
}
