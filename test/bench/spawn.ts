import { spawn as startProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeInherited } from '../../src/executor/descriptors.ts';
import { createSpawner } from '../../src/executor/spawner.ts';
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
  await rm(folder, { recursive: true });
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
