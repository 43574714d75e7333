import type { RunHeader } from '../model/run.ts';
import { protect } from '../util/mask/protect.ts';
import { runContext, workflowContext } from './context.ts';
import { type Environment, put, renderEnv, runVariables } from './environment.ts';
import type { RenderPorts } from './ports.ts';
import type { RunScope } from './render-job.ts';
import type { RunState } from './state.ts';

/** Makes what all jobs of a run have in common. @throws {TemplateError} when the workflow's own `env` cannot be rendered. */
export function createScope<P extends RenderPorts>(state: RunState, header: RunHeader, ports: P): RunScope<P> {
  const { workflow } = state;
  const runEnv: Environment = new Map();
  put(runEnv, ports.hostEnv, 'host');
  put(runEnv, runVariables(header, ports.paths.eventPath), 'system');
  const root = runContext(workflow, header, ports.secretValues);
  const workflowEnv: Environment = new Map();
  renderEnv(workflowEnv, workflow.env, workflowContext(root), 'workflow', ports.hostEnv);
  for (const { text, confidential } of workflowEnv.values()) if (confidential) protect(ports.masks, text);
  return { state, header, ports, root, runEnv, workflowEnv };
}
