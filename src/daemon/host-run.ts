import type { CachePorts } from '../engine/cache/cache-request.ts';
import { HelperAnswers } from '../engine/helper-answers.ts';
import type { RunHost } from '../engine/scheduler-ports.ts';
import type { TemplateHelper } from '../model/extension.ts';
import type { Clock, Driver } from '../model/ports.ts';
import type { RunHeader } from '../model/run.ts';
import type { RunRecord } from '../model/state-store.ts';
import type { TaskUser } from '../model/task-user.ts';
import type { Workflow } from '../model/workflow.ts';
import { collectGarbage } from '../util/collect-garbage.ts';
import { SecretSet } from '../util/mask/secret-set.ts';
import { openAttemptOutput } from './attempt-output.ts';
import { clearRunFolder, makeRunFolder, runPaths, writePayload } from './run-folder.ts';
import type { RunSecrets } from './run-secrets.ts';

/** A task that is shorter than this needs one synced write instead of two (decision 0013), in ms. */
const PATIENCE_MS = 5;

/** What all runs of a daemon have in common. */
export interface HostParts {
  /** The folder of all runs. */
  readonly runs: string;
  readonly clock: Clock;
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly secrets: RunSecrets;
  /** Helpers of templates that plugins bring, by name. */
  readonly helpers: ReadonlyMap<string, TemplateHelper>;
  /** What the daemon's own log must not show. */
  readonly logMasks: SecretSet;
  readonly hostEnv: ReadonlyMap<string, string>;
  /** Who tasks run as; null is the daemon's own user. */
  readonly taskUser: TaskUser | null;
  /** Time between asking a task to end and forcing it, in ms. */
  readonly graceMs: number;
  /** The JSON of a payload, when it is a large one. */
  payloadText(run: string): string | undefined;
  /** Opens the cache for one run. */
  openCache(workflow: Workflow): Promise<CachePorts>;
  /** Ends every process that carries the mark. */
  sweep(mark: string): Promise<readonly number[]>;
  /** Ends every container of a run. */
  removeContainers(run: string): Promise<unknown>;
  /** The run is over: nothing of it need be kept by the executor. */
  release(run: string): void;
}

/** Puts together what one run needs. Rejects, in words for the user, when it cannot have that. */
export async function hostRun(
  parts: HostParts,
  record: RunRecord,
  header: RunHeader,
  workflow: Workflow,
): Promise<RunHost> {
  const paths = runPaths(parts.runs, header.id);
  makeRunFolder(paths, parts.taskUser);
  const secretValues = await parts.secrets.of(record, workflow, paths.runDir);
  const masks = new SecretSet();
  for (const [name, value] of secretValues) {
    const added = masks.add(value);
    parts.logMasks.add(value);
    if (added === 'too-many' || added === 'too-large') throw new Error(`secret ${name} cannot be masked: ${added}`);
  }
  const large = parts.payloadText(header.id);
  writePayload(paths, large ?? JSON.stringify(header.firing.payload), parts.taskUser);
  if (large !== undefined) collectGarbage();
  let cache: Promise<CachePorts> | null = null;
  const ports: RunHost['ports'] = {
    drivers: parts.drivers,
    clock: parts.clock,
    paths,
    secretValues,
    masks,
    hostEnv: parts.hostEnv,
    ...(parts.helpers.size > 0 ? { helpers: new HelperAnswers(parts.helpers) } : {}),
    runtimeEnv: new Map(Object.entries(record.env)),
    random: Math.random,
    graceMs: parts.graceMs,
    patienceMs: PATIENCE_MS,
    openOutput: (task, job) => openAttemptOutput({ ...parts, masks }, task, job),
    cache: () => {
      // What the daemon would save or restore, it would read and write with more rights than the task has.
      if (parts.taskUser) return Promise.reject(new Error('tasks run as a user of their own (os_exec.user)'));
      cache ??= parts.openCache(workflow);
      return cache;
    },
    sweep: async () => {
      await parts.sweep(markOf(header.id));
    },
  };
  const close = async (): Promise<void> => {
    parts.release(header.id);
    await clearRunFolder(paths);
  };
  return { ports, close };
}

/** Ends whatever still runs of a run that nobody takes up, and clears away what its tasks needed. */
export async function abandonRun({ runs, sweep, removeContainers, release }: HostParts, id: string): Promise<void> {
  await Promise.all([sweep(markOf(id)), removeContainers(id)]);
  release(id);
  await clearRunFolder(runPaths(runs, id));
}

/** What every process of a run carries. */
function markOf(id: string): string {
  return `RUNNER_RUN_ID=${id}`;
}
