import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDrivers } from './builtin-drivers.ts';
import type { CachePlace, OpenCache } from './compose-cache.ts';
import { type CallParts, callWithin } from './compose-calls.ts';
import type { DockerSetup } from './compose-docker.ts';
import type { HelperAnswers } from './engine/helper-answers.ts';
import { ownPlaces, SharedPlaces } from './engine/places.ts';
import type { AttemptOutput, RunPorts } from './engine/ports.ts';
import { Run } from './engine/run.ts';
import { closeRunFolder, openRunFolder } from './exec-folders.ts';
import { createSpawner } from './executor/spawner.ts';
import type { WorkflowCaller } from './model/call.ts';
import type { RunEvent } from './model/event.ts';
import type { Clock, Driver, DriverEntry, Stream } from './model/ports.ts';
import type { RunHeader, RunResult } from './model/run.ts';
import type { Task, Workflow } from './model/workflow.ts';
import { EventFile } from './store/event-file.ts';
import { openLog } from './util/log/log-writer.ts';
import { makeFolder } from './util/make-folder.ts';
import type { SecretSet } from './util/mask/secret-set.ts';

/** Follows a run: its events, and what its tasks print, masked. */
export interface RunFollower {
  event(event: RunEvent): void;
  /** A promise asks for patience: the task's stream is not read until it resolves. */
  output(task: string, attempt: number, stream: Stream, chunk: Uint8Array): void | Promise<void>;
}

/** What it takes to run one workflow in this process, without a daemon. */
export interface ExecOptions {
  readonly workflow: Workflow;
  readonly header: RunHeader;
  /** The folder of this run, private; made here. */
  readonly runDir: string;
  readonly workspace: string;
  /** What must not show anywhere; grows while the run goes on. */
  readonly masks: SecretSet;
  readonly secretValues: ReadonlyMap<string, string>;
  readonly hostEnv: ReadonlyMap<string, string>;
  readonly runtimeEnv: ReadonlyMap<string, string>;
  readonly maxParallel: number;
  /** Time between asking a task to end and forcing it, in ms. */
  readonly graceMs: number;
  /** The drivers that plugins bring. */
  readonly plugins: readonly DriverEntry[];
  /** What helpers of plugins say; left out where there are none. */
  readonly helpers?: HelperAnswers;
  readonly clock: Clock;
  /** null runs every task. */
  readonly cachePlace: CachePlace | null;
  /** The workflows it calls, by id; null when it calls none. */
  readonly called: ReadonlyMap<string, Workflow> | null;
  readonly follower: RunFollower;
  /** Takes what went wrong around a run and does not change how it ends. */
  readonly warn: (message: string) => void;
  readonly docker: Pick<DockerSetup, 'socketPath' | 'policy' | 'runs'>;
}

/** A run that has been put together but not begun, and the way to run it. */
export interface ExecRun {
  readonly run: Run;
  /** Runs it to its end; resolves once no process of it is left. */
  execute(): Promise<RunResult>;
}

/** Puts an engine together for `exec`. @throws {TemplateError} when the workflow's own `env` cannot be rendered. */
export function composeExec(options: ExecOptions): ExecRun {
  const { runDir, clock, called, header } = options;
  openRunFolder(runDir);
  const spawner = createSpawner({ fifoDir: join(runDir, 'fifos'), clock, handles: false });
  const shared = called && new SharedPlaces(options.maxParallel);
  const open = (one: ExecOptions): ExecRun => {
    const places = shared ? (wake: () => void) => shared.join(one.header.id, wake) : ownPlaces(options.maxParallel);
    return openRun(one, { drivers, places, spawner });
  };
  const path = options.hostEnv.get('PATH') ?? '';
  const docker = { ...options.docker, clock, owner: { instance: `exec-${header.id}` }, isAdoptable: false };
  const caller = callerWithin(options, called ?? new Map(), open);
  const drivers = createDrivers({ spawner, path, docker, caller }, options.plugins);
  const { run, execute } = open(options);
  return {
    run,
    execute: () => {
      spawner.prepare();
      return execute().finally(() =>
        spawner.close().catch((error: Error) => options.warn(`pipes were not removed: ${error.message}`)),
      );
    },
  };
}

function callerWithin(
  options: ExecOptions,
  workflows: ReadonlyMap<string, Workflow>,
  open: (options: ExecOptions) => ExecRun,
): WorkflowCaller {
  const openNested: CallParts['open'] = (nested, output) => {
    const pass: RunFollower['output'] = (task, _attempt, stream, chunk) => output(task, stream, chunk);
    return open({ ...options, ...nested, follower: { event: () => {}, output: pass } });
  };
  return callWithin({ clock: options.clock, root: options, workflows, open: openNested });
}

/** What the runs of one `exec` share. */
interface Shared {
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly places: RunPorts['places'];
  readonly spawner: ReturnType<typeof createSpawner>;
}

function openRun(options: ExecOptions, { drivers, places, spawner }: Shared): ExecRun {
  const { workflow, header, runDir, follower } = options;
  for (const folder of ['logs', 'outputs']) makeFolder(join(runDir, folder));
  const eventPath = join(runDir, 'event.json');
  writeFileSync(eventPath, JSON.stringify(header.firing.payload), { mode: 0o600 });
  const events = new EventFile(join(runDir, 'events.ndjson'), (text) => options.masks.maskText(text));
  const cache = planCache(options);
  const ports: RunPorts = {
    ...options,
    ...(cache ? { cache } : {}),
    drivers,
    paths: { workspace: options.workspace, runDir, eventPath },
    random: Math.random,
    places,
    openOutput: (task, job) => openOutput(options, task, job.attempt),
    commit: (batch) => {
      events.append(batch);
      for (const event of batch) follower.event(event);
    },
  };
  const run = new Run(workflow, header, ports);
  const execute = async (): Promise<RunResult> => {
    try {
      const result = await run.execute();
      if (!result) throw new Error('Internal error: nobody lets go of a run of exec');
      return result;
    } finally {
      await spawner.sweep(`RUNNER_RUN_ID=${header.id}`);
      await cache?.().then((opened) => opened.close(), ignore);
      events.close();
      if (events.problem !== null) options.warn(`the record of run ${header.id} is incomplete: ${events.problem}`);
      for (const problem of closeRunFolder(runDir)) options.warn(problem);
    }
  };
  return { run, execute };
}

/** The cache of a run, opened as soon as it is known that the run will need it, and read from disk only then. */
function planCache({ workflow, cachePlace, workspace }: ExecOptions): (() => Promise<OpenCache>) | null {
  if (!cachePlace || workflow.tasks.every((task) => task.cache === null)) return null;
  const opened = import('./compose-cache.ts').then(({ openRunCache }) => {
    return openRunCache(cachePlace, workspace, workflow);
  });
  opened.catch(ignore);
  return () => opened;
}

/** Who needs it is told when it is asked for. */
function ignore(): void {}

/** The one funnel of task output: masked first, then logged, then shown. */
function openOutput(options: ExecOptions, task: Task, attempt: number): AttemptOutput {
  const path = join(options.runDir, 'logs', `${task.id}.${attempt}.log`);
  const log = openLog(path, { maxBytes: task.maxLogBytes, now: () => options.clock.now() });
  const masked = { stdout: options.masks.stream(), stderr: options.masks.stream() };
  const pass = (stream: Stream, chunk: Uint8Array): void | Promise<void> => {
    if (chunk.length === 0) return;
    log.write(stream, chunk);
    return options.follower.output(task.name, attempt, stream, chunk);
  };
  return {
    write: (stream, chunk) => pass(stream, masked[stream].push(chunk)),
    close: () => {
      for (const stream of ['stdout', 'stderr'] as const) void pass(stream, masked[stream].flush());
      return log.close().notes;
    },
  };
}
