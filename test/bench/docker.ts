import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDockerDriver } from '../../src/drivers/docker/driver.ts';
import type { DriverIO } from '../../src/model/ports.ts';
import { dockerJob, dockerPlace, dockerSkip, engine, TEST_IMAGE } from '../support/docker.ts';

const ROUNDS = 25;

/** How much longer a container takes with the driver than by hand: create, attach and wait, start, remove. Nothing where there is no engine. */
export async function benchDocker(row: (name: string, value: number, goal: string) => void): Promise<void> {
  if ((await dockerSkip()) !== false) return;
  const folder = mkdtempSync(join(tmpdir(), 'runner-bench-docker-'));
  try {
    const driver = createDockerDriver(dockerPlace());
    const ours = () => driver.run(dockerJob(folder, ['echo', 'hello']), SILENT);
    await timeOf(ours);
    await timeOf(byHand);
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) ratios.push((await timeOf(ours)) / (await timeOf(byHand)));
    const middle = ratios.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
    row('a container, against the same calls by hand', middle, '≤ 1.05');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SILENT: DriverIO = {
  signal: new AbortController().signal,
  write: () => {},
  phase: () => {},
  started: async () => {},
};

async function byHand(): Promise<void> {
  const body = {
    Image: TEST_IMAGE,
    Cmd: ['echo', 'hello'],
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: { NetworkMode: 'none', Init: true },
  };
  const { Id } = (await engine.call('POST', '/containers/create', { body })) as { Id: string };
  const [output, exit] = await Promise.all([
    engine.upgrade(`/containers/${Id}/attach`, { query: { stream: '1', stdout: '1', stderr: '1' } }),
    engine.stream('POST', `/containers/${Id}/wait`, { query: { condition: 'next-exit' } }),
  ]);
  await engine.call('POST', `/containers/${Id}/start`);
  await Promise.all([output.resume(), exit.resume()].map((stream) => new Promise((end) => stream.once('end', end))));
  await engine.call('DELETE', `/containers/${Id}`);
}

async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await run();
  return performance.now() - before;
}
