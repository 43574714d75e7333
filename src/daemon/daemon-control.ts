import type { CatalogEntry } from '../catalog/entry.ts';
import { manualWish } from '../engine/admission/wish.ts';
import type {
  AuditList,
  Finding,
  FiringList,
  Health,
  LiveEvent,
  NextList,
  PruneReport,
  RekeyReport,
  RerunRequest,
  RunCreated,
  RunRequest,
  SecretList,
  SecretRequest,
  WorkflowList,
  WorkflowView,
} from '../model/api.ts';
import { type Caller, type Control, ControlError, type DeliveryAnswer } from '../model/control.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { RunQuery } from '../model/state-store.ts';
import type { Delivery } from '../model/trigger.ts';
import type { Workflow } from '../model/workflow.ts';
import { nearest } from '../util/nearest.ts';
import { auditOf, auditView } from './audit.ts';
import { clockJumps } from './clock-watch.ts';
import type { ControlParts } from './control-parts.ts';
import { firingView } from './firing-view.ts';
import { makeBackup } from './make-backup.ts';
import { createdRun, wantedRun } from './manual-run.ts';
import { wishToRepeat } from './rerun.ts';
import { isoTime, runView } from './run-view.ts';
import { timesToCome } from './times-to-come.ts';
import { workflowView } from './workflow-view.ts';
import { callWarnings, secretWarnings } from './workflow-warnings.ts';

/** How many firings, or lines of the audit trail, at most one answer holds. */
const MOST_ENTRIES = 1000;

/** Answers for a running daemon. */
export class DaemonControl implements Control {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  async workflows(): Promise<WorkflowList> {
    const { state, scheduler } = this.#parts;
    const catalog = this.#parts.catalog();
    const workflows = await Promise.all(catalog.list().map((entry) => this.#view(entry)));
    const { degraded } = catalog;
    return { workflows, degraded, paused: state.isPaused(null), draining: scheduler.isDraining };
  }

  async workflow(id: string): Promise<WorkflowView> {
    return this.#view(this.#entry(id));
  }

  async fire(id: string, request: RunRequest, caller: Caller): Promise<RunCreated> {
    await this.#parts.recovered;
    const { workflow } = this.#entry(id);
    // A refusal is a decision too, and recorded.
    const wish = workflow
      ? manualWish(workflow, caller.actor, wantedRun(workflow, request))
      : manualWish({ id, problem: `the file of workflow "${id}" has errors; see runner workflows` }, caller.actor);
    const [outcome] = await this.#parts.scheduler.decide({
      wishes: [wish],
      audits: [auditOf(this.#parts.clock.now(), caller, 'run.start', id)],
    });
    return createdRun(outcome);
  }

  runs(query: { workflow?: string; status?: string; since?: number; before?: string; limit: number }) {
    return this.#parts.book.list(query as RunQuery);
  }

  run(id: string, waitMs: number) {
    return this.#parts.book.detail(id, waitMs);
  }

  task(run: string, task: string) {
    return this.#parts.book.task(run, task);
  }

  definition(run: string) {
    return this.#parts.book.definition(run);
  }

  log(run: string, task: string, attempt: number | null, offset: number, waitMs: number) {
    return this.#parts.book.log(run, task, attempt, offset, waitMs);
  }

  async cancel(run: string, task: string | null, caller: Caller): Promise<void> {
    await this.#parts.recovered;
    const { book, scheduler } = this.#parts;
    const { id } = (await book.find(run)).header;
    await this.#audit(caller, 'run.cancel', task === null ? id : `${id} ${task}`);
    const answer = await scheduler.cancel(id, task);
    if (answer === 'ended') throw new ControlError('already-ended', `run ${id} is over already`);
    if (answer === 'unknown-task') throw new ControlError('unknown-task', `run ${id} has no task "${task}"`);
    if (answer === 'unwritten')
      throw new ControlError('disk-full', `run ${id} cannot be written: it is cancelled as soon as it can be`);
  }

  async rerun(run: string, request: RerunRequest, caller: Caller): Promise<RunCreated> {
    await this.#parts.recovered;
    const { book, scheduler, clock } = this.#parts;
    const found = await book.open((await book.find(run)).header.id);
    const wish = wishToRepeat(found, request, this.#parts.catalog().get(found.header.workflow)?.workflow ?? null);
    const [outcome] = await scheduler.decide({
      wishes: [wish],
      audits: [auditOf(clock.now(), caller, 'run.rerun', found.header.id)],
    });
    return createdRun(outcome);
  }

  async firings(query: { workflow?: string; until?: number; limit: number }): Promise<FiringList> {
    if (query.workflow !== undefined) this.#entryOrHistory(query.workflow);
    const limit = Math.min(query.limit, MOST_ENTRIES);
    const { state } = this.#parts;
    const firings = await state.firings({ ...query, limit: limit + 1 });
    const runOf = ({ run }: { readonly run: string | null }) => (run === null ? null : (state.run(run) ?? null));
    const views = firings.slice(0, limit).map((firing) => firingView(firing, runOf(firing)));
    const more = firings.length > limit;
    const from = more ? (firings[limit - 1]?.at ?? 0) : 0;
    const jumps = clockJumps(
      await state.audits({ limit: MOST_ENTRIES }),
      from,
      query.until ?? Number.POSITIVE_INFINITY,
    );
    return { firings: views, clock_jumps: jumps, more };
  }

  async audits({ since = Number.NEGATIVE_INFINITY, ...query }: Parameters<Control['audits']>[0]): Promise<AuditList> {
    const limit = Math.min(query.limit, MOST_ENTRIES);
    const audits = await this.#parts.state.audits({ ...query, limit: limit + 1 });
    const wanted = audits.filter(({ at }) => at >= since);
    return { audits: wanted.slice(0, limit).map(auditView), more: wanted.length > limit };
  }

  async next(workflow: string | null, count: number): Promise<NextList> {
    const { board } = this.#parts;
    if (workflow !== null) this.#entry(workflow);
    return timesToCome(this.#parts, workflow === null ? board.ids() : [workflow], count);
  }

  async setPaused(workflow: string | null, paused: boolean, caller: Caller): Promise<void> {
    await this.#parts.recovered;
    if (workflow !== null) this.#entry(workflow);
    const action = paused ? 'pause' : 'resume';
    await this.#parts.scheduler.setPaused(
      workflow,
      paused,
      auditOf(this.#parts.clock.now(), caller, action, workflow ?? 'daemon'),
    );
  }

  async drain(caller: Caller): Promise<void> {
    await this.#audit(caller, 'drain', 'daemon');
    this.#parts.scheduler.drain();
  }

  secrets(): Promise<SecretList> {
    return this.#parts.secrets.list();
  }

  setSecret(name: string, request: SecretRequest, caller: Caller): Promise<void> {
    return this.#parts.secrets.set(name, request, caller);
  }

  deleteSecret(name: string, scope: string | null, caller: Caller): Promise<void> {
    return this.#parts.secrets.delete(name, scope, caller);
  }

  rekey(caller: Caller): Promise<RekeyReport> {
    return this.#parts.secrets.rekey(caller);
  }

  async prune(dryRun: boolean, caller: Caller): Promise<PruneReport> {
    if (!dryRun) await this.#audit(caller, 'prune', 'daemon');
    return this.#parts.housekeeping.prune(dryRun);
  }

  async backup(folder: string, caller: Caller): Promise<void> {
    await this.#audit(caller, 'backup', folder);
    await makeBackup((path) => this.#parts.housekeeping.backup(path), folder);
  }

  doctor(): Promise<readonly Finding[]> {
    return this.#parts.housekeeping.doctor();
  }

  health(): Health {
    return this.#parts.housekeeping.health();
  }

  readiness(): string | null {
    return this.#parts.housekeeping.readiness();
  }

  async deliver(delivery: Delivery, bodyHash: string): Promise<DeliveryAnswer> {
    await this.#parts.recovered;
    if (this.#parts.scheduler.isDraining) throw new ControlError('draining', 'the daemon takes no new work');
    return this.#parts.deliveries.take(delivery, bodyHash);
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    return this.#parts.subscribe(listener);
  }

  #audit(caller: Caller, action: string, subject: string): Promise<void> {
    const { state, clock } = this.#parts;
    return state
      .batch()
      .recordAudit(auditOf(clock.now(), caller, action, subject))
      .commit();
  }

  #entry(id: string): CatalogEntry {
    const catalog = this.#parts.catalog();
    const entry = catalog.get(id);
    if (entry) return entry;
    const ids = catalog.list().map((one) => one.id);
    const guess = nearest(id, ids);
    const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
    throw new ControlError('unknown-workflow', `there is no workflow "${id}"${hint}`);
  }

  /** A workflow that is gone still has a history. */
  #entryOrHistory(id: string): void {
    if (this.#parts.state.nextNumber(id) === 1) this.#entry(id);
  }

  async #view({ id, file, workflow, diagnostics, state: kept }: CatalogEntry): Promise<WorkflowView> {
    const { state, board, clock } = this.#parts;
    const paused = state.isPaused(id);
    const [last] = (await state.runs({ workflow: id, limit: 1 })).runs;
    const [next] = board.next(id, clock.now(), 1);
    return workflowView({
      id,
      file,
      workflow,
      diagnostics: [...diagnostics, ...this.#warnings(file, workflow)],
      state: kept === 'good' ? (paused ? 'paused' : 'armed') : kept,
      paused,
      nextAt: next === undefined ? null : isoTime(next.at),
      lastRun: last === undefined ? null : runView(last),
    });
  }

  /** What is wrong beyond the file itself. */
  #warnings(file: string, workflow: Workflow | null): readonly Diagnostic[] {
    if (!workflow) return [];
    const { secrets, catalog } = this.#parts;
    return [...secretWarnings(file, secrets.missing(workflow)), ...callWarnings(workflow, catalog())];
  }
}
