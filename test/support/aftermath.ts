import type { DaemonSandbox, RunningDaemon } from './daemon.ts';
import { tasksOf } from './daemon.ts';
import { doubled, type LedgerEntry, readLedger } from './ledger.ts';

/** What a daemon has acknowledged. */
export class Promises {
  /** Ids of the runs it named. */
  readonly runs = new Set<string>();
  /** The runs it named for each delivery, by the delivery's id. */
  readonly deliveries = new Map<string, readonly string[]>();
  /** Whether old runs may have been taken away. */
  mayForget = false;
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
  readonly name: string;
  /** Of a matrix task: the same for each combination. */
  readonly instances?: readonly TaskFacts[];
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
    ...unrecorded(promises, entries, known),
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

/** A decision of a trigger as lists show it. */
export interface FiringSummary {
  readonly id: string;
  readonly at: string;
  readonly workflow: string;
  readonly trigger: string;
  readonly due_at: string | null;
  readonly decision: string;
  readonly count: number;
}

/** Every decision there is, newest first. */
export async function allFirings(daemon: RunningDaemon): Promise<readonly FiringSummary[]> {
  const firings = new Map<string, FiringSummary>();
  for (let until = ''; ; ) {
    const { body } = await daemon.ask('GET', `/api/v1/firings?limit=1000${until && `&until=${until}`}`);
    const page = body.firings as FiringSummary[];
    for (const firing of page) firings.set(firing.id, firing);
    if (!body.more) return [...firings.values()];
    // That instant may have more of them than the page.
    until = page.at(-1)?.at ?? '';
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

function unrecorded({ mayForget }: Promises, entries: readonly LedgerEntry[], known: ReadonlySet<string>): string[] {
  const began = mayForget ? [] : [...new Set(entries.map(({ run }) => run))];
  return began.filter((run) => !known.has(run)).map((run) => `no record of ${run}`);
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
    const results = Object.values(body.results as Record<string, TaskFacts>);
    for (const { name, ...facts } of results.flatMap((result) => result.instances ?? [result])) {
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
function contradiction({ status, attempts }: Omit<TaskFacts, 'name'>, entries: readonly LedgerEntry[]): string | null {
  const starts = entries.filter(({ mark }) => mark === 'S').length;
  const isThrough = entries.some(({ mark, attempt }) => mark === 'E' && attempt === String(attempts));
  // Without an attempt it was taken over from the run that is repeated.
  if (status === 'success' && attempts > 0 && !isThrough) return 'succeeded and was not through';
  if (status === 'skipped' && starts > 0) return 'was skipped but ran';
  return starts > attempts ? `began ${starts} times in ${attempts} attempts` : null;
}

/** What a task that calls says must be what the run it called says; each attempt calls once. */
function unlikeCalled({ status, attempts }: Omit<TaskFacts, 'name'>, called: readonly RunSummary[]): string | null {
  if (called.length > attempts) return `called ${called.length} times in ${attempts} attempts`;
  const isThrough = called.some((run) => run.status === 'success');
  if (status === 'success' && attempts > 0 && !isThrough) return 'succeeded, and the run it called did not';
  return null;
}

/** A slot must have been decided once. */
async function doubleSlots(daemon: RunningDaemon): Promise<string[]> {
  const slots = (await allFirings(daemon)).flatMap(({ workflow, trigger, due_at }) =>
    due_at ? [`${workflow} ${trigger} ${due_at}`] : [],
  );
  return slots.filter((slot, index) => slots.indexOf(slot) !== index).map((slot) => `decided twice: ${slot}`);
}

/** Slots of intervals, all of them `everyMs` long, that no decision stands for, or more than one. */
export async function gapsBetweenSlots(daemon: RunningDaemon, everyMs: number): Promise<string[]> {
  const last = new Map<string, number>();
  const complaints: string[] = [];
  for (const { workflow, trigger, due_at, count } of (await allFirings(daemon)).toReversed()) {
    if (due_at === null) continue;
    const [name, due] = [`${workflow} ${trigger}`, Date.parse(due_at)];
    const before = last.get(name) ?? due - count * everyMs;
    if (due - before !== count * everyMs) complaints.push(`${name}: ${count} slots from ${before} to ${due}`);
    last.set(name, due);
  }
  return complaints;
}
