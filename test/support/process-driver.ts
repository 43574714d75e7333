import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createProcessDriver } from '../../src/drivers/process/driver.ts';
import { findMarked } from '../../src/executor/process-table.ts';
import { createSpawner } from '../../src/executor/spawner.ts';
import type { Capture, DriverIO, Job } from '../../src/model/ports.ts';
import type { Exit } from '../../src/model/run.ts';
import { NO_BOUNDS } from '../../src/model/workflow.ts';
import { systemClock } from '../../src/util/clock.ts';
import type { DriverSubject } from '../contract/driver.ts';
import { ExecutorRig } from './executor-rig.ts';
import { LogFollower } from './log-follower.ts';

/** Where the tests find their programs. */
export const TEST_PATH = process.env.PATH ?? '/usr/bin:/bin';

/** The driver for `os_exec` on a real spawner, with jobs that work in `folder`. */
export function processSubject(t: TestContext, folder: string, start: { fastAfter?: number } = {}): DriverSubject {
  const spawner = createSpawner({ fifoDir: join(folder, '.fifos'), clock: systemClock, handles: true, ...start });
  t.after(() => spawner.close());
  return {
    driver: createProcessDriver({ spawner, path: TEST_PATH }),
    job: (command) => processJob(folder, command),
    strays: (job) => findMarked(`RUNNER_TASK_ID=${job.env.RUNNER_TASK_ID}`).map(String),
  };
}

/** The same on an executor process, which writes logs; what stands in a log is passed on as it comes. */
export function remoteProcessSubject(t: TestContext, folder: string): DriverSubject {
  const rig = new ExecutorRig(t);
  const local = processSubject(t, folder);
  const run = async (job: Job, io: DriverIO): Promise<Exit> => {
    const driver = createProcessDriver({ spawner: await rig.connect(), path: TEST_PATH });
    const capture = captureOf(job);
    const log = new LogFollower(capture.logPath, io);
    try {
      return await driver.run(job, captured(io, capture));
    } finally {
      log.finish();
    }
  };
  return { ...local, driver: { ...local.driver, run }, keepsOutput: true };
}

/** How the output of a job is kept beside its output file. */
export function captureOf(job: Job): Capture {
  const { runId, task, outputFile } = job;
  const logPath = `${outputFile}.${runId}.log`;
  return { runId, logPath, maxLogBytes: 1024 ** 3, secrets: [], outputFile, task, confidential: [] };
}

/** The same, for an attempt whose output is kept by itself. */
export function captured(io: DriverIO, capture: Capture): DriverIO {
  return {
    signal: io.signal,
    write: () => {
      throw new Error('the output should have been kept');
    },
    phase: (phase) => io.phase(phase),
    started: (handle) => io.started(handle),
    capture,
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
    inherited: [],
    eventPath: join(folder, '.event.json'),
    resources: NO_BOUNDS,
    ...changes,
  };
}
