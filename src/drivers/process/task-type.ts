import { validate } from '../../generated/validate-process-spec.js';
import type { TaskType } from '../../model/ports.ts';

/** Tasks of type `os_exec`: a script or a program on this machine. */
export const processTaskType: TaskType = {
  type: 'os_exec',
  templates: { command: 'command' },
  validate: (spec) => (validate(spec) ? [] : (validate.errors ?? [])),
};
