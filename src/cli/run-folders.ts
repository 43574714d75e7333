import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Runs that `exec` keeps (decision 0004). */
const KEPT = 100;

/**
 * Removes all but the newest run folders; those of runs that still go on are left. Gone already is no error. At once, as nothing
 * else is left to do: one folder is soon gone, and Node's threads would have to be started for it.
 */
export function forgetOldRuns(runs: string): void {
  // Names are time-ordered ids, so the alphabet is the age.
  const old = readdirSync(runs).sort().slice(0, -KEPT);
  for (const name of old) {
    const folder = join(runs, name);
    if (!existsSync(join(folder, 'outputs'))) rmSync(folder, { recursive: true, force: true });
  }
}
