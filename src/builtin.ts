import { dockerTaskType } from './drivers/docker/task-type.ts';
import { expressionTaskType } from './drivers/expression/task-type.ts';
import { processTaskType } from './drivers/process/task-type.ts';
import { workflowTaskType } from './drivers/workflow/task-type.ts';
import type { TaskType } from './model/ports.ts';

/** The task types that come with the program, by name: what the loader must know of them. */
export const BUILTIN_TYPES: ReadonlyMap<string, TaskType> = new Map(
  [processTaskType, dockerTaskType, expressionTaskType, workflowTaskType].map((taskType) => [taskType.type, taskType]),
);
