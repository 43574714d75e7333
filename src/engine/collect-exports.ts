import type { FailureReason } from '../model/reason.ts';
import type { Output, Outputs } from '../model/run.ts';
import type { Export } from '../model/workflow.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import type { WrittenOutputs } from '../util/output-file.ts';

/** The values that leave a task, and why they are not as the file says, or null. */
export interface CollectedExports {
  readonly outputs: Outputs;
  readonly failure: { readonly reason: FailureReason; readonly message: string } | null;
}

/**
 * Picks the declared exports out of what a task wrote; nothing else leaves it. A missing one is a failure only after
 * success. A value that contains a known secret, in any form, is confidential even if the file does not say so.
 */
export function collectExports(
  declared: readonly Export[],
  written: WrittenOutputs,
  secrets: SecretSet,
  succeeded: boolean,
): CollectedExports {
  const outputs: Record<string, Output> = Object.create(null);
  if ('error' in written) return { outputs, failure: { reason: 'bad_output', message: written.error.message } };
  for (const { name, confidential, scope } of declared) {
    const value = written.values.get(name);
    if (value === undefined) continue;
    outputs[name] = { value, confidential: confidential || secrets.containsSecret(value), scope };
  }
  const missing = declared.filter(({ name, optional }) => !optional && !(name in outputs));
  const message = succeeded && missing.length > 0 ? missingMessage(missing, written.values) : null;
  return { outputs, failure: message === null ? null : { reason: 'missing_output', message } };
}

/** Most names of what was written instead. */
const MOST_NAMES = 5;

function missingMessage(missing: readonly Export[], values: ReadonlyMap<string, string>): string {
  const names = missing.map(({ name }) => `"${name}"`).join(', ');
  const found = [...values.keys()].slice(0, MOST_NAMES).map((name) => `"${name}"`);
  const more = values.size > MOST_NAMES ? ', …' : '';
  const instead = found.length > 0 ? `only ${found.join(', ')}${more}` : 'nothing';
  return `did not write ${names} to $OUTPUT_FILE (it wrote ${instead})`;
}
