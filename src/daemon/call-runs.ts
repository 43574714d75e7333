import type { Catalog } from '../catalog/catalog.ts';
import { BY_CALL, type FireWish, manualWish } from '../engine/admission/wish.ts';
import { failureSentence, globalExports } from '../engine/global-exports.ts';
import { resolveInputs } from '../engine/inputs.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import type { CalledEnd, CalledRun, CallRequest, RefusedCall, WorkflowCaller } from '../model/call.ts';
import { ControlError } from '../model/control.ts';
import type { Firing } from '../model/run.ts';
import type { ParentTask, RunRecord, StateStore } from '../model/state-store.ts';
import type { Workflow } from '../model/workflow.ts';
import type { RunBook } from './run-book.ts';

/** Most runs around a run. */
const MOST_AROUND = 10;

/** What calls in a daemon need. */
export interface CallParts {
  readonly state: StateStore;
  readonly scheduler: () => Scheduler;
  readonly book: RunBook;
  /** Resolves once the folder of workflows has been looked at. */
  readonly catalog: Promise<Pick<Catalog, 'get'> | null>;
}

/**
 * Runs workflows for the tasks of other runs, through the gate that all runs take. The attempt that asks is the occasion of the firing,
 * which is decided once: asked again, also by the next daemon, the same run answers.
 */
export function callRuns(parts: CallParts): WorkflowCaller {
  return {
    call: async (request, write) => {
      const { state } = parts;
      const earlier = state.firingOf(request.workflow, BY_CALL, occasionOf(request))?.run;
      if (earlier) return calledRun(parts, earlier);
      const wish = await wishOf(parts, request);
      if ('refused' in wish) return wish;
      const outcome = await parts.scheduler().call(wish);
      if (outcome === null) return invalid('the daemon is stopping');
      const { run, reason, message } = outcome.firing;
      if (outcome.firing.decision === 'skipped' || run === null) {
        return { refused: reason === 'overlap' ? 'overlap' : 'invalid', message };
      }
      await write(Buffer.from(`run ${run} of ${request.workflow}\n`));
      return calledRun(parts, run);
    },
  };
}

function calledRun(parts: CallParts, id: string): CalledRun {
  const scheduler = parts.scheduler();
  let wasAsked = false;
  const cancel = (): void => {
    // What is being ended already is not hurried by being asked for the first time.
    const isFirst = !wasAsked;
    wasAsked = true;
    if (!isFirst || !scheduler.isStopping(id)) void scheduler.cancel(id, null, 'caller');
  };
  return { id, over: scheduler.over(id).then(() => endOf(parts, id)), cancel };
}

async function endOf({ state, book }: CallParts, id: string): Promise<CalledEnd> {
  const { status, reason } = recordOf(state, id);
  if (status === 'queued' || status === 'running') throw new Error(`Internal error: run ${id} is not over`);
  try {
    const run = await book.open(id);
    return { status, reason, message: failureSentence(run.state), outputs: globalExports(run.state) };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return { status: 'failed', reason, message: error.message, outputs: {} };
  }
}

async function wishOf(parts: CallParts, request: CallRequest): Promise<FireWish | RefusedCall> {
  const entry = (await parts.catalog)?.get(request.workflow);
  const called = entry?.workflow;
  if (!entry) return invalid(`there is no workflow "${request.workflow}"`);
  if (!called) return invalid(`the file of workflow "${request.workflow}" has errors`);
  const around = [...runsAround(parts.state, request.run)];
  const problem = problemOf(parts, request, called, around);
  if (problem !== null) return invalid(problem);
  const texts = Object.entries(request.inputs).map(([name, value]) => [name, String(value)] as const);
  const inputs = resolveInputs(called.inputs, new Map(texts));
  if (!inputs.ok) return invalid(inputs.problems.join('; '));
  const caller = recordOf(parts.state, request.run);
  const { env, withSecrets } = caller;
  const firing = await firingOf(parts.state, request.run);
  const wish = manualWish(called, BY_CALL, { firing, env, withSecrets, inputs: inputs.values });
  const groups = around.flatMap(({ group }) => group ?? []);
  const origin = { trigger: BY_CALL, kind: BY_CALL, key: occasionOf(request) };
  return { ...wish, ...origin, call: { parent: parentOf(request, caller, around.length), groups } };
}

function parentOf({ run, task }: CallRequest, caller: RunRecord, depth: number): ParentTask {
  return { run, task, depth, rights: caller.parent?.rights ?? caller.header.workflow };
}

function problemOf(
  { scheduler }: CallParts,
  { run }: CallRequest,
  called: Workflow,
  around: readonly RunRecord[],
): string | null {
  const ids = around.map(({ header }) => header.workflow);
  if (ids.includes(called.id)) return `these workflows call each other: ${[...ids.reverse(), called.id].join(' → ')}`;
  if (around.length > MOST_AROUND) return `workflows call each other more than ${MOST_AROUND} deep`;
  const declared = scheduler().workflowOf(run)?.secrets ?? [];
  const missing = called.secrets.filter((name) => !declared.includes(name));
  if (missing.length === 0) return null;
  return `workflow "${called.id}" reads the secrets ${missing.join(', ')}, which the calling file does not declare`;
}

/** The run and those it is called by, innermost first. */
function* runsAround(state: StateStore, run: string): Generator<RunRecord> {
  for (let id: string | undefined = run; id !== undefined; ) {
    const record: RunRecord = recordOf(state, id);
    yield record;
    id = record.parent?.run;
  }
}

async function firingOf(state: StateStore, run: string): Promise<Firing> {
  const [created] = await state.events(run);
  if (created?.type !== 'run-created') throw new Error(`Internal error: run ${run} has no beginning`);
  return created.run.firing;
}

function recordOf(state: StateStore, id: string): RunRecord {
  const record = state.run(id);
  if (!record) throw new Error(`Internal error: run ${id} is gone`);
  return record;
}

function occasionOf({ run, taskId, attempt }: CallRequest): string {
  return `${run}.${taskId}.${attempt}`;
}

function invalid(message: string): RefusedCall {
  return { refused: 'invalid', message };
}
