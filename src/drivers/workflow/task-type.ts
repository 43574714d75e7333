import { validate } from '../../generated/validate-workflow-spec.js';
import type { TaskType } from '../../model/ports.ts';

/** Tasks of type `workflow`: a run of another file. */
export const workflowTaskType: TaskType = {
  type: 'workflow',
  templates: { workflow: 'literal', inputs: 'text' },
  without: ['env', 'shell', 'working_dir', 'files', 'result_file', 'cache'],
  calls: true,
  validate: (spec) => (validate(spec) ? [] : (validate.errors ?? [])),
};
