import type { FailureReason } from '../model/reason.ts';
import type { DriverOutputs, Output, Outputs } from '../model/run.ts';
import type { Export } from '../model/workflow.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import { valueProblem, type WrittenOutputs } from '../util/output-file.ts';

/** The values that leave a task, and why they are not as the file says, or null. */
export interface CollectedExports {
  readonly outputs: Outputs;
  readonly failure: { readonly reason: FailureReason; readonly message: string } | null;
}

/**
 * Picks the declared exports out of what a task wrote; nothing else leaves it. A missing one is a failure only after
 * success. A value that contains a known secret, in any form, is confidential even if the file does not say so. `given` is what the
 * driver itself has, which comes before what was written.
 */
export function collectExports(
  declared: readonly Export[],
  written: WrittenOutputs,
  secrets: SecretSet,
  succeeded: boolean,
  given: DriverOutputs | null = null,
): CollectedExports {
  const outputs: Record<string, Output> = Object.create(null);
  const mistake = 'error' in written ? written.error.message : unfitMessage(given ?? {});
  if ('error' in written || mistake !== null) return { outputs, failure: failed('bad_output', mistake) };
  for (const { name, confidential, scope } of declared) {
    const own = given?.[name];
    const value = own?.value ?? written.values.get(name);
    if (value === undefined) continue;
    const isSecret = confidential || own?.confidential === true || secrets.containsSecret(value);
    outputs[name] = { value, confidential: isSecret, scope };
  }
  const missing = declared.filter(({ name, optional }) => !optional && !(name in outputs));
  const message = succeeded && missing.length > 0 ? missingMessage(missing, written.values, given) : null;
  return { outputs, failure: failed('missing_output', message) };
}

function failed(reason: FailureReason, message: string | null): CollectedExports['failure'] {
  return message === null ? null : { reason, message };
}

function unfitMessage(given: DriverOutputs): string | null {
  for (const [name, { value }] of Object.entries(given)) {
    const problem = valueProblem(value);
    if (problem !== null) return `"${name}" ${problem}`;
  }
  return null;
}

/** Most names of what was written instead. */
const MOST_NAMES = 5;

function missingMessage(
  missing: readonly Export[],
  values: ReadonlyMap<string, string>,
  given: DriverOutputs | null,
): string {
  const names = missing.map(({ name }) => `"${name}"`).join(', ');
  const there = given ? Object.keys(given) : [...values.keys()];
  const found = there.slice(0, MOST_NAMES).map((name) => `"${name}"`);
  const more = there.length > MOST_NAMES ? ', …' : '';
  const instead = found.length > 0 ? `only ${found.join(', ')}${more}` : 'nothing';
  if (given) return `came to no ${names} (it has ${instead})`;
  return `did not write ${names} to $OUTPUT_FILE (it wrote ${instead})`;
}
