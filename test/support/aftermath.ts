import type { DaemonSandbox, RunningDaemon } from './daemon.ts';
import { tasksOf } from './daemon.ts';
import { doubled, type LedgerEntry, readLedger } from './ledger.ts';

/** What a daemon has acknowledged. */
export class Promises {
  /** Ids of the runs it named. */
  readonly runs = new Set<string>();
  /** The runs it named for each delivery, by the delivery's id. */
  readonly deliveries = new Map<string, readonly string[]>();
}

/** A run as lists show it. */
export interface RunSummary {
  readonly id: string;
  readonly workflow: string;
  readonly status: string;
  readonly ended_at: string | null;
  /** The task that called it. */
  readonly parent: { readonly run: string; readonly task: string } | null;
}

interface TaskFacts {
  readonly status: string;
  readonly reason: string | null;
  readonly attempts: number;
}

/**
 * Compares what was promised with the records, and the records with what the tasks wrote down themselves. Empty when every promise
 * was kept. All runs must have had their time to end.
 */
export async function complaintsAbout(
  sandbox: DaemonSandbox,
  daemon: RunningDaemon,
  promises: Promises,
  runs: readonly RunSummary[],
): Promise<readonly string[]> {
  const entries = readLedger(sandbox.ledgerLines());
  const known = new Set(runs.map(({ id }) => id));
  return [
    ...doubled(entries).map((entry) => `happened twice: ${entry}`),
    ...[...new Set(entries.map(({ run }) => run))].filter((run) => !known.has(run)).map((run) => `no record of ${run}`),
    ...runs.filter(({ ended_at }) => ended_at === null).map(({ id, workflow }) => `stuck: ${workflow} ${id}`),
    ...brokenPromises(promises, known),
    ...(await contradictions(daemon, runs, entries)),
    ...(await doubleSlots(daemon)),
    ...tasksOf(sandbox.folder).map((pid) => `still running: ${pid}`),
  ];
}

/** Every run there is, newest first. */
export async function allRuns(daemon: RunningDaemon): Promise<readonly RunSummary[]> {
  const runs: RunSummary[] = [];
  for (let before = ''; ; ) {
    const { body } = await daemon.ask('GET', `/api/v1/runs?limit=200${before && `&before=${before}`}`);
    runs.push(...body.runs);
    if (!body.more) return runs;
    before = runs.at(-1)?.id ?? '';
  }
}

/** Every run there is, once all of them have ended, or as they are after `patienceMs`. */
export async function settledRuns(daemon: RunningDaemon, patienceMs: number): Promise<readonly RunSummary[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const runs = await allRuns(daemon);
    if (runs.every((run) => run.ended_at !== null) || performance.now() > deadline) return runs;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function brokenPromises({ runs, deliveries }: Promises, known: ReadonlySet<string>): string[] {
  const made = [...deliveries.values()].flat();
  return [
    ...[...runs].filter((id) => !known.has(id)).map((id) => `promised but lost: ${id}`),
    ...[...deliveries].filter(([, of]) => of.length !== 1).map(([id, of]) => `delivery ${id} made ${of.length} runs`),
    ...made.filter((id) => !known.has(id)).map((id) => `a delivery's run is lost: ${id}`),
  ];
}

/** What the records say against what the tasks say. */
async function contradictions(
  daemon: RunningDaemon,
  runs: readonly RunSummary[],
  entries: readonly LedgerEntry[],
): Promise<string[]> {
  const complaints: string[] = [];
  for (const { id, workflow } of runs) {
    const { body } = await daemon.ask('GET', `/api/v1/runs/${id}`);
    const own = entries.filter(({ run }) => run === id);
    const callers = (body.tasks as { name: string; type: string }[]).filter(({ type }) => type === 'workflow');
    for (const [name, facts] of Object.entries(body.results as Record<string, TaskFacts>)) {
      const isCaller = callers.some((task) => task.name === name);
      const complaint = isCaller
        ? unlikeCalled(
            facts,
            runs.filter(({ parent }) => parent?.run === id && parent.task === name),
          )
        : contradiction(
            facts,
            own.filter(({ task }) => task === name),
          );
      if (complaint) complaints.push(`${workflow} ${id} ${name} ${complaint}`);
    }
  }
  return complaints;
}

/** The last attempt of a task that succeeded began and ended; others may have ended early, but none was more than were recorded. */
function contradiction({ status, attempts }: TaskFacts, entries: readonly LedgerEntry[]): string | null {
  const starts = entries.filter(({ mark }) => mark === 'S').length;
  const isThrough = entries.some(({ mark, attempt }) => mark === 'E' && attempt === String(attempts));
  // Without an attempt it was taken over from the run that is repeated.
  if (status === 'success' && attempts > 0 && !isThrough) return 'succeeded and was not through';
  if (status === 'skipped' && starts > 0) return 'was skipped but ran';
  return starts > attempts ? `began ${starts} times in ${attempts} attempts` : null;
}

/** What a task that calls says must be what the run it called says; each attempt calls once. */
function unlikeCalled({ status, attempts }: TaskFacts, called: readonly RunSummary[]): string | null {
  if (called.length > attempts) return `called ${called.length} times in ${attempts} attempts`;
  const isThrough = called.some((run) => run.status === 'success');
  if (status === 'success' && attempts > 0 && !isThrough) return 'succeeded, and the run it called did not';
  return null;
}

/** A slot must have been decided once. */
async function doubleSlots(daemon: RunningDaemon): Promise<string[]> {
  const { body } = await daemon.ask('GET', '/api/v1/firings?limit=1000');
  const firings = body.firings as { workflow: string; trigger: string; due_at: string | null }[];
  const slots = firings.flatMap(({ workflow, trigger, due_at }) =>
    due_at ? [`${workflow} ${trigger} ${due_at}`] : [],
  );
  return slots.filter((slot, index) => slots.indexOf(slot) !== index).map((slot) => `decided twice: ${slot}`);
}
