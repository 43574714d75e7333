import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { removeTreeNow } from '../util/remove-tree.ts';

/** Runs that `exec` keeps (decision 0004). */
const KEPT = 100;

/**
 * Removes all but the newest run folders; those of runs that still go on are left. Gone already is no error. Returns what
 * could not be removed and why. At once, as nothing else is left to do: one folder is soon gone, and Node's threads would have to be
 * started for it.
 */
export function forgetOldRuns(runs: string): string[] {
  if (!statSync(runs, { throwIfNoEntry: false })?.isDirectory()) return [];
  // Names are time-ordered ids, so the alphabet is the age.
  const old = readdirSync(runs).sort().slice(0, -KEPT);
  const over = old.filter((name) => !existsSync(join(runs, name, 'outputs')));
  const problems = over.map((name) => removeTreeNow(join(runs, name)));
  return problems.flatMap((problem) => (problem === null ? [] : [`an old run could not be removed: ${problem}`]));
}
