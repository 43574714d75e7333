import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const FLOOR = resolve('test/bench/floor.mjs');

/** Milliseconds a bare loop takes to start `/bin/true` so many times, `width` at a time, with this environment. */
export function floor(count: number, width: number, env: Readonly<Record<string, string>>): number {
  const { stdout, status, stderr } = spawnSync(process.execPath, [FLOOR, String(count), String(width)], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

/**
 * What a task gets on top of the environment of its host: the floor spawns with the same variables, so that neither side pays for
 * a larger environment. `runs` is the folder that holds a folder for each run.
 */
export function taskEnv(runs: string, workspace: string): Readonly<Record<string, string>> {
  const run = '01a1fca6-39c7-7c14-bb36-4efb2ad02869';
  return {
    CI: 'true',
    OUTPUT_FILE: `${runs}/${run}/outputs/t100.1`,
    RUNNER_ATTEMPT: '1',
    RUNNER_EVENT_NAME: 'manual',
    RUNNER_EVENT_PATH: `${runs}/${run}/event.json`,
    RUNNER_RUN_ID: run,
    RUNNER_RUN_NUMBER: '1',
    RUNNER_SCHEDULED_AT: '',
    RUNNER_TASK: 't100',
    RUNNER_TASK_ID: `${run}.t100.1`,
    RUNNER_TASK_IMAGE: '',
    RUNNER_WORKFLOW: 'independent-1000',
    RUNNER_WORKSPACE: workspace,
  };
}
