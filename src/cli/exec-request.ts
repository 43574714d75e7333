import { resolveInputs } from '../engine/inputs.ts';
import type { JsonObject } from '../model/json.ts';
import { MANUAL_FIRING } from '../model/manual-firing.ts';
import type { Firing } from '../model/run.ts';
import type { Workflow } from '../model/workflow.ts';
import { githubFiring, guessEvent } from '../triggers/github-payload.ts';
import { readPayload } from './read-payload.ts';
import { selectTasks } from './select-tasks.ts';

/** What the command line says about a run, besides the file. */
export interface ExecWishes {
  readonly input: ReadonlyMap<string, string>;
  readonly env: ReadonlyMap<string, string>;
  readonly event: string | undefined;
  readonly secret: readonly string[];
  readonly only: readonly string[];
}

/** Wishes that fit the workflow. */
export interface ExecRequest {
  readonly inputs: JsonObject;
  readonly firing: Firing;
  readonly secretValues: ReadonlyMap<string, string>;
  readonly only: readonly string[] | null;
}

/** Checks what the command line says against the workflow; all problems at once. */
export function readRequest(
  workflow: Workflow,
  wishes: ExecWishes,
  host: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): ExecRequest | { readonly problems: readonly string[] } {
  const inputs = resolveInputs(workflow.inputs, wishes.input);
  const secretValues = new Map<string, string>();
  const event = wishes.event === undefined ? MANUAL_FIRING : readEvent(wishes.event, host.cwd);
  const selection = selectTasks(workflow, wishes.only);
  const problems = [
    ...(inputs.ok ? [] : inputs.problems),
    ...[...wishes.env.keys()].flatMap(envProblem),
    ...secretProblems(workflow, wishes.secret, host.env, secretValues),
    ...selection.problems,
    ...(typeof event === 'string' ? [event] : []),
  ];
  if (problems.length > 0 || !inputs.ok || typeof event === 'string') return { problems };
  return {
    inputs: inputs.values,
    firing: event,
    secretValues,
    only: selection.names.length > 0 ? selection.names : null,
  };
}

function readEvent(path: string, cwd: string): Firing | string {
  const read = readPayload(path, cwd);
  return 'problem' in read ? read.problem : githubFiring('manual', guessEvent(read.payload), read.payload);
}

function envProblem(name: string): string[] {
  if (name === 'OUTPUT_FILE') return ['--env OUTPUT_FILE: this variable belongs to the runner'];
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? [] : [`--env ${name}: not a name of an environment variable`];
}

function secretProblems(
  workflow: Workflow,
  given: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  values: Map<string, string>,
): string[] {
  const problems: string[] = [];
  for (const name of given) {
    const value = env[name];
    if (!workflow.secrets.includes(name)) {
      problems.push(`--secret ${name}: the file does not declare it; add it to secrets: in ${workflow.source.file}`);
    } else if (value === undefined) problems.push(`--secret ${name}: there is no variable ${name} in the environment`);
    else values.set(name, value);
  }
  for (const name of workflow.secrets) {
    if (!given.includes(name))
      problems.push(`secret ${name} is declared but not given; set ${name} and add --secret ${name}`);
  }
  return problems;
}
