import type { RunDetail, TaskView } from '../model/api.ts';
import { UsageError } from './client/daemon-error.ts';
import { followRun } from './follow/follow-run.ts';
import { workingTasks } from './follow/run-events.ts';
import { showRun } from './follow/show-run.ts';
import { tailLog } from './follow/tail-log.ts';
import { jsonLog, type LogAudience, plainLog, prefixedLog, rawLog } from './print/log-printer.ts';
import type { Session } from './session.ts';

/** Which logs to show, and how. */
export interface LogWishes {
  readonly run: string;
  /** null is all. */
  readonly task: string | null;
  /** Of one task; the newest when left out. */
  readonly attempt: number | undefined;
  readonly follow: boolean;
  readonly raw: boolean;
  readonly json: boolean;
}

/** Writes the logs of a run to stdout. */
export async function showLogs(session: Session, wishes: LogWishes): Promise<void> {
  const { task, follow, json } = wishes;
  if (follow && task === null && !json) await showRun(session, wishes.run, session.io.stdout);
  else await (follow ? followLogs(session, wishes) : printLogs(session, wishes));
}

async function followLogs(session: Session, wishes: LogWishes): Promise<void> {
  const wanted = await wantedTasks(session, wishes);
  const isWanted = new Set(wanted.map(({ name }) => name));
  await followRun(session, {
    run: wishes.run,
    wants: (name) => isWanted.has(name),
    audience: () => audienceFor(session, wishes, wanted),
  });
}

async function printLogs(session: Session, wishes: LogWishes): Promise<void> {
  const wanted = await wantedTasks(session, wishes);
  const audience = audienceFor(session, wishes, wanted);
  let shown = 0;
  for (const task of wanted.toSorted(byStart)) {
    const attempt = wishes.attempt ?? task.attempt;
    if (attempt > 0) shown += await printLog(session, wishes.run, task.name, attempt, audience);
  }
  await audience.leave();
  if (shown > 0 || wishes.task === null) return;
  const which = wishes.attempt === undefined ? '' : ` of attempt ${wishes.attempt}`;
  if (!(await hasLog(session, wishes))) throw new UsageError(`task "${wishes.task}" has no log${which}`);
}

async function printLog(
  session: Session,
  run: string,
  task: string,
  attempt: number,
  audience: LogAudience,
): Promise<number> {
  let bytes = 0;
  await tailLog(session, {
    run,
    task,
    attempt,
    goesOn: () => false,
    waitSeconds: () => 0,
    take: (chunk) => {
      bytes += chunk.length;
      return audience.output(task, attempt, 'stdout', chunk);
    },
  });
  audience.endTask(task);
  return bytes;
}

/** The task, or its combinations when it is a matrix, or all tasks of the run. */
async function wantedTasks(session: Session, { run, task }: LogWishes): Promise<readonly TaskView[]> {
  const { daemon } = session;
  const detail = await daemon.run(run);
  if (task === null) return workers(detail);
  const named = detail.tasks.filter(({ name, id }) => name === task || id === task);
  const instances = detail.tasks.filter(({ name }) => name.startsWith(`${task}(`));
  if (instances.length > 0) return instances;
  if (named.length > 0) return named;
  session.about({ run, task });
  return [await daemon.task(run, task)];
}

function workers(run: RunDetail): TaskView[] {
  const names = new Set(workingTasks(run));
  return run.tasks.filter(({ name }) => names.has(name));
}

function audienceFor({ io }: Session, { task, raw, json }: LogWishes, tasks: readonly TaskView[]): LogAudience {
  if (json) return jsonLog(io.stdout);
  if (raw) return rawLog(io.stdout);
  const names = tasks.map(({ name }) => name);
  return task === null || names.length > 1 ? prefixedLog(io.stdout, names) : plainLog(io.stdout);
}

/** ISO times are in the order of their letters; what never began comes last, and brings nothing. */
function byStart(a: TaskView, b: TaskView): number {
  const [first, second] = [a.started_at ?? '~', b.started_at ?? '~'];
  return first < second ? -1 : Number(first > second);
}

async function hasLog({ daemon }: Session, { run, task, attempt }: LogWishes): Promise<boolean> {
  const { logs } = await daemon.task(run, task ?? '');
  return attempt === undefined ? logs.length > 0 : logs.includes(attempt);
}
