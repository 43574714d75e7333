import type { Outputs, RunResult, TaskEnd, TaskResult } from '../model/run.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import { MASK } from '../util/mask/secret-set.ts';
import type { RunState } from './state.ts';

/** The Task Group Result: every task, also after an abort; confidential values are masked. */
export function runResult(state: RunState, masks: SecretSet): RunResult {
  if (!state.header || !state.end) throw new Error('Internal error: the run has not ended');
  const results: Record<string, TaskResult> = Object.create(null);
  for (const task of state.workflow.tasks) {
    const current = state.tasks[task.index];
    if (current?.phase !== 'done') throw new Error(`Internal error: task ${task.name} has not ended`);
    const { end, attempts, durationMs } = current;
    results[task.name] = {
      id: `${state.header.id}.${task.name}`,
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
  return { id: state.header.id, status: state.end.status, reason: state.end.reason, results };
}

function globalOutputs(outputs: Outputs, masks: SecretSet): Record<string, string> {
  const shown: Record<string, string> = Object.create(null);
  for (const [name, { value, confidential, scope }] of Object.entries(outputs)) {
    if (scope === 'global') shown[name] = confidential ? MASK : masks.maskText(value);
  }
  return shown;
}

function remarks(end: TaskEnd): Partial<TaskResult> {
  return {
    ...('message' in end ? { message: end.message } : {}),
    ...('result' in end && end.result ? { result: end.result.text, result_truncated: end.result.truncated } : {}),
    ...('notes' in end && end.notes ? { notes: end.notes } : {}),
  };
}
