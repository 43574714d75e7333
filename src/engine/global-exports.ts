import type { DriverOutputs } from '../model/run.ts';
import { importedValues, isConfidentialImport } from './imported-values.ts';
import { endOf, type RunState } from './state.ts';

/**
 * The global exports of a run that is over, by name. Where several tasks export one, the last of the file that has a value counts; the
 * values of a matrix task are a list as JSON.
 */
export function globalExports(state: RunState): DriverOutputs {
  const outputs: Record<string, DriverOutputs[string]> = Object.create(null);
  for (const task of state.workflow.tasks) {
    if (task.matrix?.kind === 'instance' || !endOf(state, task.index)) continue;
    for (const { name, scope } of task.exports) {
      if (scope !== 'global') continue;
      const value = importedValues(state, task.name, [{ from: task.name, variable: name }])[name];
      if (value === undefined || value === null) continue;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      outputs[name] = { value: text, confidential: isConfidentialImport(state, [task.name, name]) };
    }
  }
  return outputs;
}

/** Which tasks broke a run, as a sentence; empty when none did. */
export function failureSentence(state: RunState): string {
  const broken = state.workflow.tasks.flatMap((task) => {
    const end = endOf(state, task.index);
    if (task.matrix?.kind === 'join' || end?.status !== 'failed' || task.continueOnError) return [];
    return [`task "${task.name}" failed (${end.reason})`];
  });
  const more = broken.length > MOST_NAMED ? `, and ${broken.length - MOST_NAMED} more` : '';
  return broken.slice(0, MOST_NAMED).join(', ') + more;
}

const MOST_NAMED = 3;
