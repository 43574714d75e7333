import { join } from 'node:path';
import { hostVariables } from '../engine/environment.ts';
import type { HelperAnswers } from '../engine/helper-answers.ts';
import { previewRun, type TaskPreview } from '../engine/preview.ts';
import type { Json } from '../model/json.ts';
import type { RunHeader } from '../model/run.ts';
import { TemplateError } from '../model/template.ts';
import type { Workflow } from '../model/workflow.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import type { ExecRequest } from './exec-request.ts';
import type { CliIO } from './io.ts';
import { planJson, type RunPlan } from './print/plan-json.ts';
import { planText } from './print/plan-text.ts';

/** A run that is only to be shown. */
export interface PlanRequest {
  readonly workflow: Workflow;
  readonly request: ExecRequest;
  readonly options: {
    readonly input: ReadonlyMap<string, string>;
    readonly env: ReadonlyMap<string, string>;
    readonly json: boolean;
  };
  /** The folder in which the run would be kept. */
  readonly runs: string;
  readonly maxParallel: number;
  readonly helpers: HelperAnswers;
}

/** Prints what a run would do, without what `masks` hides: starts no process and writes no file. Returns why it cannot be said; empty when it was. */
export async function printPlan(plan: PlanRequest, masks: SecretSet, io: CliIO): Promise<readonly string[]> {
  try {
    const previews = await plan.helpers.whileAsking(() => preview(plan, masks, io));
    const shown = masked(planJson(plan.workflow, plan.maxParallel, previews), masks);
    await io.stdout.write(plan.options.json ? `${JSON.stringify(shown, null, 2)}\n` : planText(shown));
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return [`env: ${masks.maskText(error.message)}`];
    throw error;
  }
}

function preview(
  { workflow, request, options, runs, helpers }: PlanRequest,
  masks: SecretSet,
  io: CliIO,
): readonly TaskPreview[] {
  const header = plannedHeader(workflow, request);
  const runDir = join(runs, header.id);
  const ports = {
    masks,
    paths: { workspace: io.cwd, runDir, eventPath: join(runDir, 'event.json') },
    secretValues: request.secretValues,
    hostEnv: hostVariables(io.env),
    runtimeEnv: options.env,
    helpers,
  };
  return previewRun(workflow, header, ports, new Set(options.input.keys()));
}

// There is no run, so the id is shown as what it is in a template; the same plan is printed each time.
function plannedHeader(workflow: Workflow, { firing, inputs, only }: ExecRequest): RunHeader {
  return { id: '{{ run.id }}', number: 1, workflow: workflow.id, firing, inputs, only, createdAt: 0 };
}

function masked(plan: RunPlan, masks: SecretSet): RunPlan {
  return maskedJson(plan as unknown as Json, masks) as unknown as RunPlan;
}

function maskedJson(value: Json, masks: SecretSet): Json {
  if (typeof value === 'string') return masks.maskText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => maskedJson(item, masks));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskedJson(item, masks)]));
}
