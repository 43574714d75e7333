import type { VariableSource } from '../../engine/environment.ts';
import type { Fate, ReadValue, TaskPreview } from '../../engine/preview.ts';
import type { JsonObject } from '../../model/json.ts';
import type { EdgeCondition, Workflow } from '../../model/workflow.ts';
import { MASK } from '../../util/mask/secret-set.ts';

/** What `exec --dry-run --json` prints. */
export interface RunPlan {
  readonly workflow: { readonly id: string; readonly name: string; readonly file: string };
  readonly max_parallel: number;
  /** Names of tasks; those of one level can run at the same time. */
  readonly levels: readonly (readonly string[])[];
  readonly tasks: readonly PlannedTask[];
}

/** One task of a plan; `spec`, `env` and the like are null or empty for a task that does not run. */
export interface PlannedTask {
  readonly name: string;
  readonly type: string;
  readonly level: number;
  readonly needs: readonly { readonly task: string; readonly when: EdgeCondition }[];
  readonly fate: Fate;
  readonly reason: string | null;
  readonly if: { readonly expression: string; readonly holds: boolean | null } | null;
  readonly spec: JsonObject | null;
  readonly working_dir: string | null;
  readonly files: readonly { readonly path: string; readonly mode: string }[];
  readonly env: readonly PlannedVariable[];
  readonly values: readonly ReadValue[];
  readonly exports: readonly string[];
}

/** One environment variable and the layer it comes from. */
export interface PlannedVariable {
  readonly name: string;
  readonly value: string;
  readonly source: VariableSource;
  readonly confidential: boolean;
}

/** The plan of a run as data. Values that are confidential by themselves are masked here; the rest is up to the caller. */
export function planJson(workflow: Workflow, maxParallel: number, previews: readonly TaskPreview[]): RunPlan {
  const levels: string[][] = [];
  for (const { task, level } of previews) {
    const names = levels[level - 1] ?? [];
    names.push(task.name);
    levels[level - 1] = names;
  }
  return {
    workflow: { id: workflow.id, name: workflow.name, file: workflow.source.file },
    max_parallel: Math.min(maxParallel, workflow.maxParallel ?? maxParallel),
    levels,
    tasks: previews.map((preview) => plannedTask(workflow, preview)),
  };
}

function plannedTask(
  workflow: Workflow,
  { task, level, fate, reason, condition, rendered, values }: TaskPreview,
): PlannedTask {
  return {
    name: task.name,
    type: task.type,
    level,
    needs: task.parents.map((edge) => ({ task: workflow.tasks[edge.task]?.name ?? '', when: edge.when })),
    fate,
    reason,
    if: task.condition && { expression: task.condition.source, holds: condition },
    spec: rendered?.job.spec ?? null,
    working_dir: rendered?.job.workingDir ?? null,
    files: (rendered?.job.files ?? []).map(({ path, mode }) => ({ path, mode: mode.toString(8).padStart(4, '0') })),
    env: [...(rendered?.environment ?? [])]
      .map(([name, { text, confidential, source }]) => ({
        name,
        value: confidential ? MASK : text,
        source,
        confidential,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    values,
    exports: task.exports.map(({ name }) => name),
  };
}
