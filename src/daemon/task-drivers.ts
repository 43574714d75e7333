import type { Config } from '../config/settings.ts';
import { expressionDriver } from '../drivers/expression/driver.ts';
import { createProcessDriver } from '../drivers/process/driver.ts';
import { createWorkflowDriver } from '../drivers/workflow/driver.ts';
import type { Driver, Spawner } from '../model/ports.ts';
import { type CallParts, callRuns } from './call-runs.ts';
import type { DaemonPorts } from './daemon-ports.ts';
import { containerDriver } from './docker-containers.ts';
import type { OpenedState } from './open-state.ts';

/** The drivers of a daemon, by the type of the tasks they execute. */
export function taskDrivers(
  config: Config,
  ports: DaemonPorts,
  opened: OpenedState,
  spawner: Spawner,
  calls: CallParts,
): ReadonlyMap<string, Driver> {
  const drivers = [
    createProcessDriver({ spawner, path: ports.hostEnv.get('PATH') ?? '', user: ports.taskUser }),
    containerDriver(config, ports, opened),
    expressionDriver,
    createWorkflowDriver(callRuns(calls)),
  ];
  return new Map(drivers.map((driver) => [driver.type, driver]));
}
