import { dockerDriver } from '../compose-docker.ts';
import type { Config } from '../config/settings.ts';
import { expressionDriver } from '../drivers/expression/driver.ts';
import { createProcessDriver } from '../drivers/process/driver.ts';
import { createWorkflowDriver } from '../drivers/workflow/driver.ts';
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
  const driverPorts = { spawner, path: ports.hostEnv.get('PATH') ?? '', user: ports.taskUser };
  const drivers = [
    createProcessDriver(driverPorts),
    dockerDriver(containerSetup(config, ports, opened)),
    expressionDriver,
    createWorkflowDriver(callRuns(calls)),
    ...plugins.map(({ create }) => create(driverPorts)),
  ];
  return new Map(drivers.map((driver) => [driver.type, driver]));
}
