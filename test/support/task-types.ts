import { expressionTaskType } from '../../src/drivers/expression/task-type.ts';
import { workflowTaskType } from '../../src/drivers/workflow/task-type.ts';
import { validate } from '../../src/generated/validate-process-spec.js';
import type { TaskType } from '../../src/model/ports.ts';

const osExec: TaskType = {
  type: 'os_exec',
  validate: (spec) => (validate(spec) ? [] : [...(validate.errors ?? [])]),
  templates: { command: 'command' },
};

/** The task types that tests of the loader know. */
export const TEST_TYPES: ReadonlyMap<string, TaskType> = new Map(
  [osExec, expressionTaskType, workflowTaskType].map((type) => [type.type, type]),
);
