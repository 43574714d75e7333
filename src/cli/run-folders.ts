import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Runs that `exec` keeps (decision 0004). */
const KEPT = 100;

/** Removes all but the newest run folders; those of runs that still go on are left. Gone already is no error. */
export async function forgetOldRuns(runs: string): Promise<void> {
  // Names are time-ordered ids, so the alphabet is the age.
  const old = readdirSync(runs).sort().slice(0, -KEPT);
  for (const name of old) {
    const folder = join(runs, name);
    if (!existsSync(join(folder, 'outputs'))) await rm(folder, { recursive: true, force: true });
  }
}
