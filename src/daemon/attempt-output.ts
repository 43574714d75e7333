import type { AttemptOutput } from '../engine/ports.ts';
import type { Capture, Clock, Job, Stream } from '../model/ports.ts';
import { nameInFile, type Task } from '../model/workflow.ts';
import { openLog } from '../util/log/log-writer.ts';
import type { SecretSet } from '../util/mask/secret-set.ts';
import { logPath } from './run-folder.ts';

/** What the output of an attempt needs to know of its run. */
export interface OutputPlace {
  /** The folder of all runs. */
  readonly runs: string;
  readonly masks: SecretSet;
  readonly clock: Clock;
}

/**
 * Where the output of an attempt goes: the executor masks and keeps it by itself (`capture`); a driver that hands its output over
 * is masked and logged here. The log is made by the first byte.
 */
export function openAttemptOutput({ runs, masks, clock }: OutputPlace, task: Task, job: Job): AttemptOutput {
  const path = logPath(runs, job.runId, task.id, job.attempt);
  const capture: Capture = {
    runId: job.runId,
    logPath: path,
    maxLogBytes: task.maxLogBytes,
    secrets: masks.values(),
    outputFile: job.outputFile,
    task: nameInFile(task),
    confidential: task.exports.flatMap(({ name, confidential }) => (confidential ? [name] : [])),
  };
  const log = openLog(path, { maxBytes: task.maxLogBytes, now: () => clock.now() });
  const streams = { stdout: masks.stream(), stderr: masks.stream() };
  const pass = (stream: Stream, chunk: Uint8Array): void => {
    if (chunk.length > 0) log.write(stream, chunk);
  };
  return {
    capture,
    write: (stream, chunk) => pass(stream, streams[stream].push(chunk)),
    close: () => {
      for (const stream of ['stdout', 'stderr'] as const) pass(stream, streams[stream].flush());
      return log.close().notes;
    },
  };
}
