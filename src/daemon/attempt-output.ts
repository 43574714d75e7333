import type { AttemptOutput } from '../engine/ports.ts';
import type { Capture, Clock, Job, Stream } from '../model/ports.ts';
import { nameInFile, type Task } from '../model/workflow.ts';
import { type KeptLog, keptLog } from '../util/log/kept-log.ts';
import { type LogWriter, openLog } from '../util/log/log-writer.ts';
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
 * is masked and logged here. The log is made by the first byte. When an earlier daemon has begun it, the output comes from its
 * beginning again, and what of it stands in the log is left out.
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
  const log = new ResumableLog(path, (kept) => {
    return openLog(path, { maxBytes: task.maxLogBytes, now: () => clock.now(), kept });
  });
  const streams = { stdout: masks.stream(), stderr: masks.stream() };
  const pass = (stream: Stream, chunk: Uint8Array): void => {
    if (chunk.length > 0) log.write(stream, chunk);
  };
  return {
    capture,
    write: (stream, chunk) => pass(stream, streams[stream].push(chunk)),
    close: () => {
      for (const stream of ['stdout', 'stderr'] as const) pass(stream, streams[stream].flush());
      return log.close();
    },
  };
}

/** A log that is opened with the first byte, and goes on behind what stands in it already. */
class ResumableLog {
  readonly #path: string;
  readonly #open: (kept: KeptLog | null) => LogWriter;
  readonly #known: Record<Stream, number> = { stdout: 0, stderr: 0 };
  #log: LogWriter | null = null;

  constructor(path: string, open: (kept: KeptLog | null) => LogWriter) {
    this.#path = path;
    this.#open = open;
  }

  write(stream: Stream, chunk: Uint8Array): void {
    this.#log ??= this.#resume();
    const known = Math.min(this.#known[stream], chunk.length);
    this.#known[stream] -= known;
    if (known < chunk.length) this.#log.write(stream, chunk.subarray(known));
  }

  /** Returns remarks about the log. */
  close(): readonly string[] {
    return this.#log?.close().notes ?? [];
  }

  #resume(): LogWriter {
    const kept = keptLog(this.#path);
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#known[stream] = kept?.isEnded ? Number.POSITIVE_INFINITY : (kept?.bytes[stream] ?? 0);
    }
    return this.#open(kept);
  }
}
