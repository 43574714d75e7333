import type { TaskEnd } from '../model/run.ts';
import { TemplateError } from '../model/template.ts';
import type { Task } from '../model/workflow.ts';
import { isTruthy } from '../template/truth.ts';
import { taskContext } from './context.ts';
import type { RenderPorts } from './ports.ts';
import { lowerEnvironment, type RunScope } from './render-job.ts';

/**
 * How a task ends because of its `if`: skipped when it does not hold, failed when it cannot be told; null when it
 * holds. @throws {UnansweredHelper} where a helper of a plugin has to be asked first
 */
export function conditionEnd(scope: RunScope<RenderPorts>, task: Task): TaskEnd | null {
  if (!task.condition) return null;
  const facts = { taskId: '', attempt: 1, workspace: scope.ports.paths.workspace };
  try {
    const environment = lowerEnvironment(scope, task, facts);
    const context = taskContext(scope.root, scope.state, task, environment, scope.ports.helpers);
    if (isTruthy(task.condition.evaluate(context).value)) return null;
    return { status: 'skipped', reason: 'condition', message: `if: ${task.condition.source}` };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const message = scope.ports.masks.maskText(error.message);
    return { status: 'failed', reason: 'bad_template', exitCode: null, message, outputs: {} };
  }
}
