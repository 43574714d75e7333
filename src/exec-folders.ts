import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isGone, ownProcess } from './executor/process-identity.ts';
import { makeFolder } from './util/make-folder.ts';
import { removeTreeNow } from './util/remove-tree.ts';

/** Runs that `exec` keeps (decision 0004). */
const KEPT = 100;

/** In the folder of a run, while it goes on: which process attends it. */
const PROCESS = 'process';

/** What tasks have written and what was put in place for them: of no use after the run, and it may be confidential. */
const OF_THE_RUN = ['outputs', 'scratch', 'fifos', PROCESS];

/** Makes the folder of a run that this process attends. @throws what the system says */
export function openRunFolder(runDir: string): void {
  makeFolder(runDir);
  writeFileSync(join(runDir, PROCESS), ownProcess(), { mode: 0o600 });
}

/** Removes what is of no use after a run. Returns what could not be removed and why. */
export function closeRunFolder(runDir: string): string[] {
  const problems = OF_THE_RUN.map((name) => removeTreeNow(join(runDir, name)));
  return problems.flatMap((problem) =>
    problem === null ? [] : [`a folder of the run could not be removed: ${problem}`],
  );
}

/**
 * Removes all but the newest run folders, and closes those whose `exec` was killed; those of runs that still go on are left. Gone
 * already is no error. Returns what could not be removed and why. At once, as nothing else is left to do: one folder is soon gone, and
 * Node's threads would have to be started for it.
 */
export function forgetOldRuns(runs: string): string[] {
  if (!statSync(runs, { throwIfNoEntry: false })?.isDirectory()) return [];
  // Names are time-ordered ids, so the alphabet is the age.
  const names = readdirSync(runs).sort();
  const open = names.filter((name) => existsSync(join(runs, name, PROCESS)));
  const goingOn = new Set(open.filter((name) => !isGone(readProcess(join(runs, name)))));
  const killed = open.filter((name) => !goingOn.has(name)).flatMap((name) => closeKilledRun(join(runs, name)));
  const over = names.slice(0, -KEPT).filter((name) => !goingOn.has(name));
  const problems = over.map((name) => removeTreeNow(join(runs, name)));
  return [
    ...killed,
    ...problems.flatMap((problem) => (problem === null ? [] : [`an old run could not be removed: ${problem}`])),
  ];
}

/** The folder of a run whose `exec` was killed, and those of the runs it called. */
function closeKilledRun(runDir: string): string[] {
  const called = join(runDir, 'runs');
  const inside = existsSync(called) ? readdirSync(called).flatMap((name) => closeKilledRun(join(called, name))) : [];
  return [...inside, ...closeRunFolder(runDir)];
}

/** Empty when it has just ended. */
function readProcess(runDir: string): string {
  try {
    return readFileSync(join(runDir, PROCESS), 'utf8');
  } catch {
    return '';
  }
}
