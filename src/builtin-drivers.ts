import { type DockerSetup, dockerDriver } from './compose-docker.ts';
import { dockerTaskType } from './drivers/docker/task-type.ts';
import { expressionDriver } from './drivers/expression/driver.ts';
import { expressionTaskType } from './drivers/expression/task-type.ts';
import { createProcessDriver } from './drivers/process/driver.ts';
import { processTaskType } from './drivers/process/task-type.ts';
import { createWorkflowDriver } from './drivers/workflow/driver.ts';
import { workflowTaskType } from './drivers/workflow/task-type.ts';
import type { WorkflowCaller } from './model/call.ts';
import type { Driver, DriverEntry, DriverPorts, TaskType } from './model/ports.ts';

/** What our own drivers are given: a little more than those of plugins. */
export interface OwnDriverPorts extends DriverPorts {
  readonly docker: DockerSetup;
  readonly caller: WorkflowCaller;
}

/** How a driver of ours comes into the program; one of a plugin comes in the same way. */
export interface OwnDriverEntry {
  readonly type: TaskType;
  create(ports: OwnDriverPorts): Driver;
}

/** The drivers that come with the program. */
export const OWN_DRIVERS: readonly OwnDriverEntry[] = [
  { type: processTaskType, create: createProcessDriver },
  { type: dockerTaskType, create: ({ docker }) => dockerDriver(docker) },
  { type: expressionTaskType, create: () => expressionDriver },
  { type: workflowTaskType, create: ({ caller }) => createWorkflowDriver(caller) },
];

/** Makes all drivers, ours and those of plugins, by the type of the tasks they execute. */
export function createDrivers(ports: OwnDriverPorts, plugins: readonly DriverEntry[]): Map<string, Driver> {
  const entries: readonly OwnDriverEntry[] = [...OWN_DRIVERS, ...plugins];
  return new Map(entries.map(({ type, create }) => [type.type, create(ports)]));
}
