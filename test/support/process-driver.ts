import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createProcessDriver } from '../../src/drivers/process/driver.ts';
import { findMarked } from '../../src/executor/process-table.ts';
import { createSpawner } from '../../src/executor/spawner.ts';
import type { Job } from '../../src/model/ports.ts';
import { systemClock } from '../../src/util/clock.ts';
import type { DriverSubject } from '../contract/driver.ts';

/** Where the tests find their programs. */
export const TEST_PATH = process.env.PATH ?? '/usr/bin:/bin';

/** The driver for `os_exec` on a real spawner, with jobs that work in `folder`. */
export function processSubject(t: TestContext, folder: string): DriverSubject {
  const spawner = createSpawner({ fifoDir: join(folder, '.fifos'), clock: systemClock, handles: true });
  t.after(() => spawner.close());
  return {
    driver: createProcessDriver({ spawner, path: TEST_PATH }),
    job: (command) => processJob(folder, command),
    strays: (job) => findMarked(`RUNNER_TASK_ID=${job.env.RUNNER_TASK_ID}`).map(String),
  };
}

/** A job of type `os_exec`; no two have the same id. */
export function processJob(folder: string, command: string | readonly string[], changes: Partial<Job> = {}): Job {
  const runId = crypto.randomUUID();
  const outputFile = join(folder, '.output');
  return {
    runId,
    workflow: 'test',
    task: 'task',
    taskId: 'task',
    attempt: 1,
    type: 'os_exec',
    spec: { command },
    env: { PATH: TEST_PATH, OUTPUT_FILE: outputFile, RUNNER_RUN_ID: runId, RUNNER_TASK_ID: `${runId}.task.1` },
    shell: 'default',
    workspace: folder,
    workingDir: null,
    files: [],
    scratch: join(folder, '.scratch'),
    outputFile,
    resultFile: null,
    ...changes,
  };
}
