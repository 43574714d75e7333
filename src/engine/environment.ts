import type { RunHeader } from '../model/run.ts';
import type { RenderedText, TemplateContext, Text } from '../model/template.ts';
import { nameInFile, type Task } from '../model/workflow.ts';

/** The layers of an environment, from low to high (DESIGN section 3); `reserved` cannot be overridden. */
export type VariableSource = 'host' | 'system' | 'runtime' | 'workflow' | 'task' | 'reserved';

/** One variable of a task's environment and the layer it came from. */
export interface Variable extends RenderedText {
  readonly source: VariableSource;
}

/** Variables by name. */
export type Environment = Map<string, Variable>;

/** Named plain values. */
export type Values = Iterable<readonly [string, string]>;

/** Facts of an attempt that become system variables. */
export interface AttemptFacts {
  readonly taskId: string;
  readonly attempt: number;
  readonly workspace: string;
}

const HOST_NAMES: ReadonlySet<string> = new Set(['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'USER']);

/** The variables of the host that tasks may see: never the program's own settings or secrets. */
export function hostVariables(env: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> {
  const seen = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (HOST_NAMES.has(name) || name.startsWith('LC_'))) seen.set(name, value);
  }
  return seen;
}

/** System variables that are the same for all tasks of a run. `eventPath` is the file that holds the trigger's payload. */
export function runVariables(run: RunHeader, eventPath: string): Values {
  return [
    ['CI', 'true'],
    ['RUNNER_WORKFLOW', run.workflow],
    ['RUNNER_RUN_ID', run.id],
    ['RUNNER_RUN_NUMBER', String(run.number)],
    ['RUNNER_EVENT_NAME', run.firing.event || run.firing.kind],
    ['RUNNER_EVENT_PATH', eventPath],
    ['RUNNER_SCHEDULED_AT', run.firing.scheduledAt],
  ];
}

/** System variables of one attempt. */
export function attemptVariables(task: Task, facts: AttemptFacts): Values {
  const image = task.spec.image;
  return [
    ['RUNNER_TASK', nameInFile(task)],
    ['RUNNER_TASK_ID', facts.taskId],
    ['RUNNER_TASK_IMAGE', typeof image === 'string' ? image : ''],
    ['RUNNER_ATTEMPT', String(facts.attempt)],
    ['RUNNER_WORKSPACE', facts.workspace],
  ];
}

/** Sets plain values of one layer over whatever stood there. */
export function put(environment: Environment, values: Values, source: VariableSource): void {
  for (const [name, text] of values) environment.set(name, { text, confidential: false, source });
}

/** Renders `env:` of a workflow or task over the layers below. A null takes the host's value, or is left out. */
export function renderEnv(
  environment: Environment,
  entries: Iterable<readonly [string, Text | null]>,
  context: TemplateContext,
  source: 'workflow' | 'task',
  host: ReadonlyMap<string, string>,
): void {
  for (const [name, text] of entries) {
    const inherited = text === null ? host.get(name) : undefined;
    if (text !== null) environment.set(name, { ...renderText(text, context), source });
    else if (inherited !== undefined) environment.set(name, { text: inherited, confidential: false, source: 'host' });
  }
}

/** Text as it is, templates rendered. @throws {TemplateError} */
export function renderText(text: Text, context: TemplateContext): RenderedText {
  return typeof text === 'string' ? { text, confidential: false } : text.render(context);
}
