import { createProcessDriver } from './drivers/process/driver.ts';
import { processTaskType } from './drivers/process/task-type.ts';
import type { DriverEntry, TaskType } from './model/ports.ts';

/** The drivers that come with the program. */
export const BUILTIN: readonly DriverEntry[] = [{ type: processTaskType, create: createProcessDriver }];

/** The task types that come with the program, by name: what the loader must know of them. */
export const BUILTIN_TYPES: ReadonlyMap<string, TaskType> = new Map(BUILTIN.map(({ type }) => [type.type, type]));
