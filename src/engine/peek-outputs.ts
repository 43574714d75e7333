import { readFileSync, statSync } from 'node:fs';
import type { Export } from '../model/workflow.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import { parseOutputs } from './output-file.ts';

/**
 * Adds the confidential exports a running task has written so far to the masks. `seen` is the size of the output file at
 * the last look; returns the size now. A file that is absent, or not finished yet, is no error here.
 */
export function peekConfidential(file: string, exports: readonly Export[], masks: SecretSet, seen: number): number {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size === seen) return seen;
  const parsed = parseOutputs(readFileSync(file));
  if ('error' in parsed) return seen;
  for (const { name, confidential } of exports) {
    const value = confidential ? parsed.values.get(name) : undefined;
    if (value !== undefined) masks.add(value);
  }
  return stats.size;
}
