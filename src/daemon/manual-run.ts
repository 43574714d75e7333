import type { FireOutcome, FireWish } from '../engine/admission/wish.ts';
import { resolveInputs } from '../engine/inputs.ts';
import type { RunCreated, RunRequest } from '../model/api.ts';
import { ControlError } from '../model/control.ts';
import type { JsonObject } from '../model/json.ts';
import { MANUAL_FIRING } from '../model/manual-firing.ts';
import type { Workflow } from '../model/workflow.ts';

/** What a request for a run asks for, checked against the workflow. @throws {ControlError} */
export function wantedRun(
  workflow: Workflow,
  { inputs, env, only, payload }: RunRequest,
): Pick<FireWish, 'inputs' | 'env' | 'only' | 'firing'> {
  return {
    inputs: typedInputs(workflow, inputs ?? {}),
    env: checkedEnv(env ?? {}),
    only: knownTasks(workflow, only ?? null),
    firing: { ...MANUAL_FIRING, payload: payload ?? {} },
  };
}

/** The answer to a wish for a run. @throws {ControlError} when none was made */
export function createdRun(outcome: FireOutcome | undefined): RunCreated {
  if (!outcome) throw new Error('Internal error: a wish without an outcome');
  const { run, firing } = outcome;
  if (run) return { id: run.header.id, number: run.header.number, status: run.status };
  switch (firing.reason) {
    case 'paused':
      throw new ControlError('draining', firing.message);
    case 'overlap':
      throw new ControlError('overlap', firing.message);
    case 'limit':
      throw new ControlError('queue-full', firing.message);
    case 'disk-full':
      throw new ControlError('disk-full', firing.message);
    default:
      throw new ControlError('invalid-workflow', firing.message);
  }
}

function checkedEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new ControlError('bad-request', `"${name}" is no name of a variable`);
    if (name === 'OUTPUT_FILE') throw new ControlError('bad-request', 'OUTPUT_FILE belongs to the runner');
    if (value.includes('\0')) throw new ControlError('bad-request', `the value of ${name} holds the character NUL`);
  }
  return env;
}

function typedInputs(workflow: Workflow, given: JsonObject): JsonObject {
  const texts = Object.entries(given).map(([name, value]) => [name, inputText(value)] as const);
  const inputs = resolveInputs(workflow.inputs, new Map(texts));
  if (!inputs.ok) throw new ControlError('bad-inputs', inputs.problems.join('; '));
  return inputs.values;
}

function inputText(value: JsonObject[string]): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function knownTasks({ tasks }: Workflow, only: readonly string[] | null): readonly string[] | null {
  if (only === null || only.length === 0) return null;
  const names = new Set(tasks.map(({ name }) => name));
  const unknown = only.filter((name) => !names.has(name));
  if (unknown.length > 0) throw new ControlError('unknown-task', `there is no task "${unknown[0]}" in the workflow`);
  return only;
}
