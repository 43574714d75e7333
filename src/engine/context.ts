import type { Json, JsonObject } from '../model/json.ts';
import type { Firing, RunHeader } from '../model/run.ts';
import type { KnownAnswers, TemplateContext } from '../model/template.ts';
import type { Task, Workflow } from '../model/workflow.ts';
import type { Environment } from './environment.ts';
import { importedValues, isConfidentialImport } from './imported-values.ts';
import type { RunState } from './state.ts';

/** Values of the secrets a workflow declares, by name. */
export type SecretValues = ReadonlyMap<string, string>;

/** What every template of a run may read, whatever the task: `inputs`, `secrets`, `trigger`, `workflow`. */
export function runContext(workflow: Workflow, run: RunHeader, secrets: SecretValues): JsonObject {
  return bare({
    inputs: bare(run.inputs),
    secrets: bare(Object.fromEntries(secrets)),
    trigger: triggerValues(run.firing),
    workflow: bare({ id: workflow.id, name: workflow.name, namespace: workflow.namespace }),
    run: bare({ id: run.id, number: run.number, attempt: 1 }),
  });
}

/** The context of a workflow's own `env`: no environment and no tasks yet. */
export function workflowContext(root: JsonObject): TemplateContext {
  return { values: root, isConfidential: (path) => path[0] === 'secrets' };
}

/**
 * The context of one task: the run's, its environment so far, its combination of a matrix, and the exports it imports. Made
 * when first read.
 */
export function taskContext(
  root: JsonObject,
  state: RunState,
  task: Task,
  environment: Environment,
  helpers: KnownAnswers | undefined,
): TemplateContext {
  let values: JsonObject | undefined;
  return {
    ...(helpers ? { helpers } : {}),
    get values() {
      values ??= taskValues(root, state, task, environment);
      return values;
    },
    isConfidential: (path) => {
      const [first = '', second = ''] = path;
      if (first === 'secrets') return true;
      if (first === 'env') return environment.get(second)?.confidential === true;
      return isConfidentialImport(state, path);
    },
  };
}

function taskValues(root: JsonObject, state: RunState, task: Task, environment: Environment): JsonObject {
  const env = bare(Object.fromEntries([...environment].map(([name, variable]) => [name, variable.text])));
  const values: Record<string, Json> = { ...root, env };
  if (task.matrix?.kind === 'instance') values.matrix = bare(task.matrix.values);
  for (const from of new Set(task.imports.map((entry) => entry.from))) {
    values[from] = importedValues(state, from, task.imports);
  }
  return bare(values);
}

/** The payload is asked for only when a template reads it. */
function triggerValues(firing: Firing): JsonObject {
  const { kind, event, action, repository, branch, tag, sha, sender, scheduledAt } = firing;
  const facts = bare({ kind, event, action, repository, branch, tag, sha, sender, scheduled_at: scheduledAt });
  return Object.defineProperty(facts, 'payload', { enumerable: true, get: () => firing.payload });
}

function bare(values: Readonly<Record<string, Json>>): JsonObject {
  return Object.assign(Object.create(null), values);
}
