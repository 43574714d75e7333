import { dockerDriver } from '../compose-docker.ts';
import type { Config } from '../config/settings.ts';
import type { EngineClient } from '../drivers/docker/engine-client.ts';
import type { Finding } from '../model/api.ts';
import type { Driver } from '../model/ports.ts';
import type { StateStore } from '../model/state-store.ts';
import type { DaemonPorts } from './daemon-ports.ts';
import type { OpenedState } from './open-state.ts';

/** The driver for containers, which outlive a daemon and are taken up by the next one with the same state. */
export function containerDriver(config: Config, ports: DaemonPorts, { folder, instance }: OpenedState): Driver {
  const { socket, ...policy } = config.docker;
  return dockerDriver({
    socketPath: socket ?? ports.dockerSocket,
    clock: ports.clock,
    instance,
    policy: { ...policy, forbidden: [folder.path] },
    isAdoptable: true,
  });
}

/** Takes away containers of this daemon whose runs are over; they are left when it, or the engine, dies at the wrong moment. */
export async function reapContainersOf(
  { docker }: Config,
  { dockerSocket, log }: DaemonPorts,
  { instance }: OpenedState,
  state: StateStore,
): Promise<void> {
  const { reapContainers } = await import('../drivers/docker/reap.ts');
  const isOver = (run: string): boolean => {
    const record = state.run(run);
    return record === undefined || record.endedAt !== null;
  };
  try {
    const containers = await reapContainers(await engineClient(docker.socket ?? dockerSocket), instance, isOver);
    if (containers.length > 0) log.info({ containers }, 'containers left behind removed');
  } catch (error) {
    log.warn({ err: error }, 'cannot look for containers left behind');
  }
}

/** What is in order with Docker, and what is not. */
export async function checkContainers(
  { docker }: Config,
  { dockerSocket }: DaemonPorts,
  { folder }: OpenedState,
): Promise<readonly Finding[]> {
  const { checkDocker } = await import('../drivers/docker/check.ts');
  return checkDocker(await engineClient(docker.socket ?? dockerSocket), folder.runs);
}

/** Loaded when it is needed first. */
async function engineClient(socketPath: string): Promise<EngineClient> {
  const { EngineClient: Client } = await import('../drivers/docker/engine-client.ts');
  return new Client(socketPath);
}
