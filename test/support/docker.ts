import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { DockerPlace } from '../../src/drivers/docker/docker-task.ts';
import { createDockerDriver } from '../../src/drivers/docker/driver.ts';
import { EngineClient, EngineError } from '../../src/drivers/docker/engine-client.ts';
import type { Job } from '../../src/model/ports.ts';
import { systemClock } from '../../src/util/clock.ts';
import type { DriverSubject } from '../contract/driver.ts';
import { processJob } from './process-driver.ts';

/** The image of the tests: busybox and nothing else. */
export const TEST_IMAGE = 'runner-test:1';

/** The engine the tests use: the one `test:all` starts, or the machine's. */
export const DOCKER_SOCKET =
  process.env.RUNNER_TEST_DOCKER || process.env.DOCKER_HOST?.replace(/^unix:\/\//, '') || '/var/run/docker.sock';

/** The mark of everything the tests make. */
export const TEST_INSTANCE = `test-${process.pid}-${Date.now().toString(36)}`;

/** Talks to the engine of the tests. */
export const engine = new EngineClient(DOCKER_SOCKET);

/** Why there can be no test with Docker here, or false; the image is there when there can. */
export async function dockerSkip(): Promise<string | false> {
  try {
    await engine.call('GET', '/version');
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return `Docker cannot be reached on ${DOCKER_SOCKET}: ${error.message}`;
  }
  const missing = await engine.call('GET', `/images/${TEST_IMAGE}/json`).then(
    () => false,
    () => true,
  );
  return missing ? importTestImage() : false;
}

/** The driver for `docker`, with jobs that work in `folder`; nothing with our mark is left after the test. */
export function dockerSubject(t: TestContext, folder: string): DriverSubject {
  const place = dockerPlace();
  t.after(() => removeContainers(`runner=${place.owner.instance}`));
  return {
    driver: createDockerDriver(place),
    job: (command) => dockerJob(folder, command),
    strays: (job) => containersOf(`runner.run=${job.runId}`),
    endsWithFirstProcess: true,
    ownVariables: ['HOSTNAME', 'HOME'],
  };
}

/** What a driver of the tests works with; each has a mark of its own. */
export function dockerPlace(changes: Partial<DockerPlace> = {}): DockerPlace {
  return {
    engine,
    clock: systemClock,
    owner: { instance: `${TEST_INSTANCE}-${crypto.randomUUID()}` },
    policy: { volumes: [], allowPrivileged: false, allowSocket: false, forbidden: [], taskUser: null },
    isAdoptable: true,
    ...changes,
  };
}

/** A job of type `docker`, in the image of the tests and without network; no two have the same id. */
export function dockerJob(folder: string, command: string | readonly string[], changes: Partial<Job> = {}): Job {
  const job = processJob(folder, command, { type: 'docker', ...changes });
  const { PATH: _hosts, ...env } = job.env;
  const path = '/bin:/usr/bin';
  return {
    ...job,
    env: { ...env, PATH: path },
    spec: { image: TEST_IMAGE, network: 'none', command, ...changes.spec },
  };
}

/** Names of the containers with a label, running or not. */
export function containersOf(label: string): string[] {
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      '-e',
      ASK,
      DOCKER_SOCKET,
      `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify({ label: [label] }))}`,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the engine did not answer: ${status}`);
  return (JSON.parse(stdout) as { Names: string[] }[]).map(({ Names }) => Names[0] ?? '');
}

/** Takes away every container with a label. */
export async function removeContainers(label: string): Promise<void> {
  for (const name of containersOf(label)) {
    await engine.call('DELETE', `/containers${name}`, { query: { force: '1', v: '1' } });
  }
}

const ASK = `require('http').get({socketPath: process.argv[1], path: process.argv[2], headers: {host: 'docker'}},
  (answer) => answer.pipe(process.stdout));`;

async function importTestImage(): Promise<string | false> {
  const tar = testImageTar();
  if (tar === null) return 'there is no busybox to make an image of';
  await importTar(tar);
  return false;
}

/** The files of the image of the tests; null where there is no busybox to make it of. */
export function testImageTar(): Buffer | null {
  const busybox = ['/usr/bin/busybox', '/bin/busybox'].find((path) => statSync(path, { throwIfNoEntry: false }));
  if (busybox === undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), 'runner-image-'));
  try {
    fillImage(folder, busybox);
    return spawnSync('tar', ['-C', folder, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fillImage(folder: string, busybox: string): void {
  for (const name of ['bin', 'etc', 'tmp', 'root', 'usr/bin']) mkdirSync(join(folder, name), { recursive: true });
  copyFileSync(busybox, join(folder, 'bin/busybox'));
  const applets = spawnSync(busybox, ['--list'], { encoding: 'utf8' }).stdout.split('\n');
  for (const applet of applets) {
    if (applet !== '' && !existsSync(join(folder, 'bin', applet))) symlinkSync('busybox', join(folder, 'bin', applet));
  }
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000:guest:/tmp:/bin/sh\n');
}

function importTar(tar: Buffer): Promise<void> {
  const [repo, tag] = TEST_IMAGE.split(':');
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath: DOCKER_SOCKET,
        method: 'POST',
        path: `/images/create?fromSrc=-&repo=${repo}&tag=${tag}`,
        headers: { host: 'docker' },
      },
      (answer) => answer.resume().once('end', resolve),
    );
    sent.once('error', reject);
    sent.end(tar);
  });
}
