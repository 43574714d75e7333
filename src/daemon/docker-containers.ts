import type { DockerSetup } from '../compose-docker.ts';
import type { Config } from '../config/settings.ts';
import type { EngineClient } from '../drivers/docker/engine-client.ts';
import type { Finding } from '../model/api.ts';
import type { StateStore } from '../model/state-store.ts';
import type { DaemonPorts } from './daemon-ports.ts';
import type { OpenedState } from './open-state.ts';

/** What the driver for containers needs: they outlive a daemon and are taken up by the next one with the same state. */
export function containerSetup(config: Config, ports: DaemonPorts, { folder, instance }: OpenedState): DockerSetup {
  const { socket, ...policy } = config.docker;
  return {
    socketPath: socket ?? ports.dockerSocket,
    clock: ports.clock,
    owner: { instance },
    policy: { ...policy, forbidden: [folder.path], taskUser: ports.taskUser },
    isAdoptable: true,
  };
}

/** Takes away containers of this daemon whose runs are over; they are left when it, or the engine, dies at the wrong moment. */
export async function reapContainersOf(
  config: Config,
  ports: DaemonPorts,
  opened: OpenedState,
  state: StateStore,
): Promise<void> {
  const { log } = ports;
  const isOver = (run: string): boolean => {
    const record = state.run(run);
    return record === undefined || record.endedAt !== null;
  };
  try {
    const containers = await removeContainers(config, ports, opened, isOver);
    if (containers.length > 0) log.info({ containers }, 'containers left behind removed');
  } catch (error) {
    log.warn({ err: error }, 'cannot look for containers left behind');
  }
}

/** Ends and takes away the containers of some runs of this daemon. Returns their ids; none when there is no engine. */
export async function removeContainers(
  { docker }: Config,
  { dockerSocket }: DaemonPorts,
  { instance }: OpenedState,
  ofRun: (run: string) => boolean,
): Promise<readonly string[]> {
  const { reapContainers } = await import('../drivers/docker/reap.ts');
  const engine = await engineClient(docker.socket ?? dockerSocket);
  return reapContainers(engine, `runner=${instance}`, (labels) => ofRun(labels['runner.run'] ?? ''));
}

/** What is in order with Docker, and what is not. */
export async function checkContainers(
  { docker }: Config,
  { dockerSocket }: DaemonPorts,
  { folder }: OpenedState,
): Promise<readonly Finding[]> {
  const { checkDocker } = await import('../drivers/docker/check.ts');
  return checkDocker(await engineClient(docker.socket ?? dockerSocket, DOCTORS_PATIENCE_MS), folder.runs);
}

/** Somebody waits for the answer. */
const DOCTORS_PATIENCE_MS = 10_000;

/** Loaded when it is needed first. */
async function engineClient(socketPath: string, silenceMs?: number): Promise<EngineClient> {
  const { EngineClient: Client } = await import('../drivers/docker/engine-client.ts');
  return new Client(socketPath, silenceMs);
}
