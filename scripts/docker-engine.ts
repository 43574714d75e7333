import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Docker Engine of our own, which knows nothing of the machine's and leaves its network alone. */
export interface DockerEngine {
  readonly socket: string;
  /** Ends it; resolves once nothing of it is left. */
  stop(): Promise<void>;
}

/** Starts an engine in a temporary folder; needs root. Rejects with its log when it ends before it answers. */
export async function startDockerEngine(): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'runner-docker-'));
  const socket = join(folder, 'docker.sock');
  const log = join(folder, 'log');
  // The machine's own file may say otherwise.
  writeFileSync(join(folder, 'daemon.json'), '{}');
  const engine = spawn('dockerd', [...placesIn(folder), '--host', `unix://${socket}`, ...OWN_NETWORK], {
    stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')],
  });
  const ended = endOf(engine);
  const stop = async (): Promise<void> => {
    engine.kill('SIGTERM');
    await ended;
    unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  const failed = ended.then((code) => {
    throw new Error(`dockerd ended with ${code}:\n${readFileSync(log, 'utf8').slice(-4000)}`);
  });
  failed.catch(() => {});
  try {
    await Promise.race([answers(socket), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { socket, stop };
}

const OWN_NETWORK = ['--bridge=none', '--iptables=false', '--ip6tables=false'];

/** An engine leaves some of its mounts behind, such as the network namespace of the host. */
function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) spawnSync('umount', ['--lazy', path]);
}

function placesIn(folder: string): string[] {
  return [
    ...['--data-root', join(folder, 'data')],
    ...['--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'pid')],
    ...['--config-file', join(folder, 'daemon.json')],
  ];
}

function endOf(engine: ChildProcess): Promise<number | string | null> {
  return new Promise((resolve) => {
    engine.once('error', (error) => resolve(error.message));
    engine.once('exit', (code, signal) => resolve(code ?? signal));
  });
}

async function answers(socketPath: string): Promise<void> {
  while (!(await ping(socketPath))) await new Promise((resolve) => setTimeout(resolve, 100));
}

function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    get({ socketPath, path: '/_ping', headers: { host: 'docker' } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).once('error', () => resolve(false));
  });
}
