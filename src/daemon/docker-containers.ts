import type { DockerSetup } from '../compose-docker.ts';
import type { Config } from '../config/settings.ts';
import type { StateStore } from '../model/state-store.ts';
import type { DaemonPorts } from './daemon-parts.ts';
import type { OpenedState } from './open-state.ts';

/** What the driver for containers needs: they outlive a daemon and are taken up by the next one with the same state. */
export function containerSetup(config: Config, ports: DaemonPorts, { folder, instance }: OpenedState): DockerSetup {
  const { socket, ...policy } = config.docker;
  return {
    socketPath: socket ?? ports.dockerSocket,
    clock: ports.clock,
    instance,
    policy: { ...policy, forbidden: [folder.path] },
    isAdoptable: true,
  };
}

/** Takes away containers of this daemon whose runs are over; they are left when it, or the engine, dies at the wrong moment. */
export async function reapContainersOf(
  { docker }: Config,
  { dockerSocket, log }: DaemonPorts,
  { instance }: OpenedState,
  state: StateStore,
): Promise<void> {
  const [{ reapContainers }, { EngineClient }] = await Promise.all([
    import('../drivers/docker/reap.ts'),
    import('../drivers/docker/engine-client.ts'),
  ]);
  const isOver = (run: string): boolean => {
    const record = state.run(run);
    return record === undefined || record.endedAt !== null;
  };
  try {
    const containers = await reapContainers(new EngineClient(docker.socket ?? dockerSocket), instance, isOver);
    if (containers.length > 0) log.info({ containers }, 'containers left behind removed');
  } catch (error) {
    log.warn({ err: error }, 'cannot look for containers left behind');
  }
}
