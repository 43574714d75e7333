import { spawn as startProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { closeInherited } from '../../src/executor/descriptors.ts';
import { connectExecutor } from '../../src/executor/remote-spawner.ts';
import { createSpawner } from '../../src/executor/spawner.ts';
import { executorCommand } from '../../src/executor/start-executor.ts';
import type { Spawner } from '../../src/model/ports.ts';
import { systemClock } from '../../src/util/clock.ts';

const TASKS = 1_000;
const ROUNDS = 7;
const ENV = { PATH: '/usr/bin:/bin', MARK: 'bench' };

/** Prints what starting a task through the spawner costs against a bare loop with pipes, two at a time. */
export async function benchSpawn(print: (line: string) => void): Promise<void> {
  closeInherited();
  const folder = await mkdtemp(join(tmpdir(), 'runner-bench-'));
  for (const handles of [false, true]) {
    const spawner = createSpawner({ fifoDir: join(folder, 'fifos'), clock: systemClock, handles });
    const ratios: number[] = [];
    await twoAtATime(bareTask);
    await twoAtATime(() => spawnedTask(spawner));
    for (let round = 0; round < ROUNDS; round++) {
      const floor = await twoAtATime(bareTask);
      ratios.push((await twoAtATime(() => spawnedTask(spawner))) / floor);
    }
    print(`spawn${handles ? '-handles' : ''} ${median(ratios).toFixed(3)}`);
    await spawner.close();
  }
  print(`spawn-executor ${(await benchExecutor(folder)).toFixed(3)}`);
  await rm(folder, { recursive: true });
}

/** The same through an executor process, which also keeps logs and ends. */
async function benchExecutor(folder: string): Promise<number> {
  const command = executorCommand(resolve('dist/executor.cjs'), ENV.PATH);
  const onProblem = (message: string): void => {
    throw new Error(message);
  };
  const spawner = await connectExecutor({ folder, command, umask: 0o022, clock: systemClock, onProblem });
  const ratios: number[] = [];
  let count = 0;
  await twoAtATime(() => executedTask(spawner, folder, count++));
  for (let round = 0; round < ROUNDS; round++) {
    const floor = await twoAtATime(bareTask);
    ratios.push((await twoAtATime(() => executedTask(spawner, folder, count++))) / floor);
  }
  await spawner.stop(0);
  return median(ratios);
}

async function executedTask(spawner: Spawner, folder: string, index: number): Promise<void> {
  const task = { argv: ['/bin/true'], env: { ...ENV, MARK: String(index) }, cwd: '/', mark: `MARK=${index}` } as const;
  const capture = {
    runId: 'bench',
    logPath: join(folder, `${index}.log`),
    maxLogBytes: 1024 * 1024,
    secrets: [],
    outputFile: join(folder, `${index}.output`),
    task: 'bench',
    confidential: [],
  };
  const { signal } = new AbortController();
  await spawner.run(task, { signal, write: () => {}, started: async () => {}, capture });
}

function bareTask(): Promise<void> {
  return new Promise((resolve) => {
    const child = startProcess('/bin/true', [], { env: ENV, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    child.once('close', () => resolve());
  });
}

async function spawnedTask(spawner: Spawner): Promise<void> {
  const task = { argv: ['/bin/true'], env: ENV, cwd: '/', mark: 'MARK=bench' } as const;
  const { signal } = new AbortController();
  await spawner.run(task, { signal, write: () => {}, started: async () => {} });
}

/** Milliseconds in all. */
async function twoAtATime(task: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  let left = TASKS;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await task();
  };
  await Promise.all([lane(), lane()]);
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
