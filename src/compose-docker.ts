import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DockerPlace } from './drivers/docker/docker-task.ts';
import { dockerTaskType } from './drivers/docker/task-type.ts';
import type { Driver } from './model/ports.ts';

/** Where the engine is, and everything about containers that is not the engine's. */
export interface DockerSetup extends Omit<DockerPlace, 'engine'> {
  readonly socketPath: string;
  /** The folder of the runs of this and other `exec`: what those left behind is taken away. */
  readonly runs?: string;
}

/** The driver for tasks in containers. Its code is loaded with the first of them. */
export function dockerDriver(place: DockerSetup): Driver {
  let loaded: Promise<Driver> | null = null;
  const load = (): Promise<Driver> => {
    loaded ??= loadDriver(place);
    return loaded;
  };
  const run: Driver['run'] = async (job, io) => (await load()).run(job, io);
  const foundation: Driver['foundation'] = async (job, signal) =>
    (await (await load()).foundation?.(job, signal)) ?? '';
  const driver = { ...dockerTaskType, version: '1', foundation, run };
  if (!place.isAdoptable) return driver;
  const recover: Driver['recover'] = async (job, handle, io) => {
    const { recover: takeUp } = await load();
    if (!takeUp) throw new Error('Internal error: the driver for containers cannot take up tasks');
    return takeUp(job, handle, io);
  };
  return { ...driver, recover };
}

/** The engine's socket when no setting names one: DOCKER_HOST, the usual place or, where there is only that, the user's own. */
export function usualDockerSocket(env: Readonly<Record<string, string | undefined>>): string {
  const { DOCKER_HOST, XDG_RUNTIME_DIR } = env;
  if (DOCKER_HOST?.startsWith('unix://')) return DOCKER_HOST.slice('unix://'.length);
  const own = XDG_RUNTIME_DIR ? join(XDG_RUNTIME_DIR, 'docker.sock') : null;
  return own !== null && !existsSync(USUAL_SOCKET) && existsSync(own) ? own : USUAL_SOCKET;
}

const USUAL_SOCKET = '/var/run/docker.sock';

async function loadDriver({ socketPath, runs, ...place }: DockerSetup): Promise<Driver> {
  const [{ createDockerDriver }, { EngineClient }] = await Promise.all([
    import('./drivers/docker/driver.ts'),
    import('./drivers/docker/engine-client.ts'),
  ]);
  const engine = new EngineClient(socketPath);
  if (runs === undefined) return createDockerDriver({ ...place, engine });
  const { removeLeftBehind } = await import('./exec-containers.ts');
  const { ownProcess } = await import('./executor/process-identity.ts');
  await removeLeftBehind(engine, runs);
  return createDockerDriver({ ...place, engine, owner: { ...place.owner, process: ownProcess() } });
}
