import { validate } from '../../generated/validate-expression-spec.js';
import type { TaskType } from '../../model/ports.ts';

/** Tasks of type `expression_evaluation`: a text whose templates make templates. */
export const expressionTaskType: TaskType = {
  type: 'expression_evaluation',
  templates: { string_to_evaluate: 'twice' },
  without: ['env', 'shell', 'working_dir', 'files', 'result_file'],
  exports: ['result'],
  validate: (spec) => (validate(spec) ? [] : (validate.errors ?? [])),
};
