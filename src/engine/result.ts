import type { Outputs, RunResult, TaskEnd, TaskInstanceResult, TaskResult } from '../model/run.ts';
import type { Task } from '../model/workflow.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import { MASK } from '../util/mask/secret-set.ts';
import type { Join } from './join.ts';
import type { RunState } from './state.ts';

/** The Task Group Result: every task of the file, also after an abort; confidential values are masked. */
export function runResult(state: RunState, masks: SecretSet): RunResult {
  if (!state.header || !state.end) throw new Error('Internal error: the run has not ended');
  const { id } = state.header;
  return { id, status: state.end.status, reason: state.end.reason, results: endedResults(state, id, masks) };
}

/** The results of the tasks of a run that have ended; a matrix task ends with the last of its combinations. */
export function endedResults(state: RunState, run: string, masks: SecretSet): RunResult['results'] {
  const results: Record<string, TaskResult> = Object.create(null);
  for (const task of state.workflow.tasks) {
    if (task.matrix?.kind === 'instance' || state.tasks[task.index]?.phase !== 'done') continue;
    const result = taskResult(state, run, task, masks);
    results[task.name] = task.matrix ? matrixResult(state, run, result, task.matrix, masks) : result;
  }
  return results;
}

type OneResult = Omit<TaskInstanceResult, 'matrix'>;

function taskResult(state: RunState, run: string, task: Task, masks: SecretSet): OneResult {
  const current = state.tasks[task.index];
  if (current?.phase !== 'done') throw new Error(`Internal error: task ${task.name} has not ended`);
  const { end, attempts, durationMs } = current;
  return {
    id: `${run}.${task.id}`,
    name: task.name,
    status: end.status,
    reason: end.status === 'success' ? null : end.reason,
    exit_code: end.status === 'skipped' ? null : end.exitCode,
    cached: end.status === 'success' && end.cached,
    attempts,
    duration_ms: durationMs,
    outputs: 'outputs' in end ? globalOutputs(end.outputs, masks) : {},
    ...remarks(end),
  };
}

/** The entry of a matrix task: its join's, with what the instances exported and a record of each. */
function matrixResult(state: RunState, run: string, join: OneResult, role: Join, masks: SecretSet): TaskResult {
  const instances = role.instances.flatMap((index): TaskInstanceResult[] => {
    const task = state.workflow.tasks[index];
    if (task?.matrix?.kind !== 'instance') throw new Error(`Internal error: task ${index} is no instance`);
    return [{ ...taskResult(state, run, task, masks), matrix: task.matrix.values }];
  });
  const names = new Set(instances.flatMap(({ outputs }) => Object.keys(outputs)));
  const lists = [...names].map((name) => [name, instances.map(({ outputs }) => outputs[name] ?? null)] as const);
  return { ...join, outputs: Object.assign(Object.create(null), Object.fromEntries(lists)), instances };
}

function globalOutputs(outputs: Outputs, masks: SecretSet): Record<string, string> {
  const shown: Record<string, string> = Object.create(null);
  for (const [name, { value, confidential, scope }] of Object.entries(outputs)) {
    if (scope === 'global') shown[name] = confidential ? MASK : masks.maskText(value);
  }
  return shown;
}

function remarks(end: TaskEnd): Pick<TaskResult, 'message' | 'result' | 'result_truncated' | 'notes'> {
  return {
    ...('message' in end ? { message: end.message } : {}),
    ...('result' in end && end.result ? { result: end.result.text, result_truncated: end.result.truncated } : {}),
    ...('notes' in end && end.notes ? { notes: end.notes } : {}),
  };
}
