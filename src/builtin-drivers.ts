import { type DockerSetup, dockerDriver } from './compose-docker.ts';
import { dockerTaskType } from './drivers/docker/task-type.ts';
import { createProcessDriver } from './drivers/process/driver.ts';
import { processTaskType } from './drivers/process/task-type.ts';
import type { Driver, DriverEntry, DriverPorts } from './model/ports.ts';

/** Makes the drivers of a program, by type: those that come with it, and those its plugins bring. */
export function createDrivers(
  docker: DockerSetup,
  plugins: readonly DriverEntry[],
  ports: DriverPorts,
): ReadonlyMap<string, Driver> {
  const entries = [...builtinDrivers(docker), ...plugins];
  return new Map(entries.map(({ type, create }) => [type.type, create(ports)]));
}

function builtinDrivers(docker: DockerSetup): readonly DriverEntry[] {
  return [
    { type: processTaskType, create: createProcessDriver },
    { type: dockerTaskType, create: () => dockerDriver(docker) },
  ];
}
