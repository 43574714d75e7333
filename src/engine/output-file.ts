// Provisional: replaced by the engineer of the output grammar.
import { readFileSync, rmSync } from 'node:fs';
import type { Job } from '../model/ports.ts';
import type { FailureReason } from '../model/reason.ts';
import type { Output } from '../model/run.ts';
import type { Export } from '../model/workflow.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';

type Parsed =
  | { readonly values: ReadonlyMap<string, string> }
  | { readonly error: { readonly line: number; readonly message: string } };
export function parseOutputs(bytes: Uint8Array): Parsed {
  const values = new Map<string, string>();
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    if (line === '') continue;
    const here = /^([\w-]+)<<(\S+)$/.exec(line);
    if (here) {
      const end = lines.indexOf(here[2] ?? '', i + 1);
      values.set(here[1] ?? '', lines.slice(i + 1, end).join('\n'));
      i = end;
      continue;
    }
    const eq = line.indexOf('=');
    if (eq < 1) return { error: { line: i + 1, message: 'expected name=value' } };
    values.set(line.slice(0, eq), line.slice(eq + 1));
  }
  return { values };
}
export function readOutputs(job: Job): Parsed {
  const values = new Map<string, string>();
  for (const file of [job.outputFile, `${job.outputFile}_${job.task}`]) {
    try {
      const parsed = parseOutputs(readFileSync(file));
      if ('error' in parsed) return parsed;
      for (const [k, v] of parsed.values) values.set(k, v);
      rmSync(file);
    } catch {}
  }
  return { values };
}
export function collectExports(
  declared: readonly Export[],
  written: Parsed,
  masks: SecretSet,
  succeeded: boolean,
): { outputs: Record<string, Output>; failure: { reason: FailureReason; message: string } | null } {
  const outputs: Record<string, Output> = Object.create(null);
  if ('error' in written)
    return {
      outputs,
      failure: { reason: 'bad_output', message: `line ${written.error.line}: ${written.error.message}` },
    };
  for (const e of declared) {
    const value = written.values.get(e.name);
    if (value !== undefined)
      outputs[e.name] = { value, confidential: e.confidential || masks.containsSecret(value), scope: e.scope };
    else if (succeeded && !e.optional)
      return { outputs, failure: { reason: 'missing_output', message: `"${e.name}" missing` } };
  }
  return { outputs, failure: null };
}
