import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../util/remove-tree.ts';

/** Runs that `exec` keeps (decision 0004). */
const KEPT = 100;

/** Removes all but the newest run folders; those of runs that still go on are left. Gone already is no error. */
export async function forgetOldRuns(runs: string): Promise<void> {
  // Names are time-ordered ids, so the alphabet is the age.
  const old = readdirSync(runs).sort().slice(0, -KEPT);
  for (const name of old) {
    const folder = join(runs, name);
    if (!existsSync(join(folder, 'outputs'))) await removeTree(folder);
  }
}
