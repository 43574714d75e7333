import { createDrivers } from '../builtin-drivers.ts';
import type { Config } from '../config/settings.ts';
import type { Driver, DriverEntry, Spawner } from '../model/ports.ts';
import { type CallParts, callRuns } from './call-runs.ts';
import type { DaemonPorts } from './daemon-ports.ts';
import { containerSetup } from './docker-containers.ts';
import type { OpenedState } from './open-state.ts';

/** The drivers of a daemon, by the type of the tasks they execute. */
export function taskDrivers(
  config: Config,
  ports: DaemonPorts,
  opened: OpenedState,
  spawner: Spawner,
  calls: CallParts,
  plugins: readonly DriverEntry[],
): ReadonlyMap<string, Driver> {
  const path = ports.hostEnv.get('PATH') ?? '';
  const own = { docker: containerSetup(config, ports, opened), caller: callRuns(calls) };
  return createDrivers({ spawner, path, user: ports.taskUser, ...own }, plugins);
}
