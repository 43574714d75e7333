import { runContext, workflowContext } from '../engine/context.ts';
import { renderSpec } from '../engine/render-job.ts';
import { endedResults } from '../engine/result.ts';
import type { Notice, Notifier } from '../model/extension.ts';
import type { Log } from '../model/log.ts';
import type { Observation } from '../model/observation.ts';
import type { NoticeOccasion } from '../model/plugin.ts';
import type { Clock } from '../model/ports.ts';
import type { RunRecord, StateStore } from '../model/state-store.ts';
import type { NotifyEntry } from '../model/workflow.ts';
import { PluginFailure } from '../plugins/plugin-failure.ts';
import { SecretSet } from '../util/mask/secret-set.ts';
import type { OpenedRun, RunBook } from './run-book.ts';
import type { RunSecrets } from './run-secrets.ts';
import { isoTime } from './run-view.ts';

/** What telling needs. */
export interface NoticePorts {
  readonly state: StateStore;
  readonly book: Pick<RunBook, 'open'>;
  readonly notifiers: readonly Notifier[];
  readonly secrets: RunSecrets;
  readonly clock: Clock;
  readonly log: Log;
  observe(observation: Observation): void;
}

/** How long it takes until what failed is tried again, in ms; after the last it is given up. */
const WAITS_MS = [1_000, 10_000, 60_000, 600_000] as const;

/** Most runs that are told of at the same time. */
const AT_ONCE = 8;

/** Earlier runs that are looked at for the one a recovery is from. */
const MOST_EARLIER = 20;

/** A run somebody is to be told of. */
interface Telling {
  readonly id: string;
  readonly tries: number;
  /** Who has been told, by their places in the file. */
  readonly told: ReadonlySet<number>;
}

/**
 * Tells of the ends of runs. That somebody is to be told is part of the run's record, and stays there until everybody has been, or was
 * tried often enough: a daemon that is killed in between leaves it to the next, and so the same notice may come twice.
 */
export class Notices {
  readonly #ports: NoticePorts;
  readonly #waiting: Telling[] = [];
  readonly #callOffs = new Set<() => void>();
  readonly #going = new Set<Promise<void>>();
  #isClosed = false;

  constructor(ports: NoticePorts) {
    this.#ports = ports;
  }

  /** Takes up what an earlier daemon has left. */
  async resume(): Promise<void> {
    for (const id of await this.#ports.state.untoldRuns()) this.tell(id);
  }

  /** Tells of a run that is over, if somebody wants to know. */
  tell(id: string): void {
    if (this.#ports.state.run(id)?.untold) this.#add({ id, tries: 0, told: new Set() });
  }

  /** Begins nothing more. Resolves once nothing is being written any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const callOff of this.#callOffs) callOff();
    await Promise.all(this.#going);
  }

  #add(telling: Telling): void {
    this.#waiting.push(telling);
    this.#work();
  }

  #work(): void {
    while (!this.#isClosed && this.#going.size < AT_ONCE) {
      const next = this.#waiting.shift();
      if (!next) return;
      const going = this.#tellOne(next).finally(() => {
        this.#going.delete(going);
        this.#work();
      });
      this.#going.add(going);
    }
  }

  async #tellOne({ id, tries, told }: Telling): Promise<void> {
    const done = new Set(told);
    try {
      const run = await this.#ports.book.open(id);
      const when = await this.#occasions(run.record);
      const open = run.state.workflow.notify
        .map((entry, place) => ({ entry, place }))
        .filter(({ place }) => !told.has(place));
      await Promise.all(
        open.map(async ({ entry, place }) => {
          const occasion = entry.when.find((each) => when.includes(each));
          if (occasion === undefined || (await this.#reach(run, entry, `${id}/${place}`, occasion, tries)))
            done.add(place);
        }),
      );
      if (this.#isClosed) return;
      if (done.size === run.state.workflow.notify.length || tries >= WAITS_MS.length) return await this.#settle(id);
    } catch (error) {
      this.#ports.log.error({ run: id, err: error }, 'cannot tell of a run');
      if (tries >= WAITS_MS.length) return;
    }
    this.#again({ id, tries: tries + 1, told: done });
  }

  /** Whether somebody was told. */
  async #reach(run: OpenedRun, entry: NotifyEntry, id: string, when: NoticeOccasion, tries: number): Promise<boolean> {
    const { log, observe } = this.#ports;
    try {
      const notifier = this.#ports.notifiers.find(({ type }) => type === entry.type);
      if (!notifier) throw new Error('its plugin cannot be used');
      await notifier.notify(await this.#notice(run, entry, id, when));
      observe({ kind: 'notice', outcome: 'told' });
      return true;
    } catch (error) {
      const isLast = tries >= WAITS_MS.length;
      const problem = error instanceof Error ? error.message : String(error);
      const details = error instanceof PluginFailure && error.details !== '' ? { details: error.details } : {};
      const facts = { workflow: run.header.workflow, run: run.header.id, notifier: entry.type, problem, ...details };
      if (this.#isClosed) return false;
      observe({ kind: 'notice', outcome: isLast ? 'given-up' : 'failed' });
      if (isLast) log.error(facts, 'nobody could be told of a run; it is given up');
      else log.warn(facts, 'a notifier failed; it is tried again');
      return false;
    }
  }

  async #notice(run: OpenedRun, entry: NotifyEntry, id: string, when: NoticeOccasion): Promise<Notice> {
    const { record, header, state } = run;
    const secrets = await this.#ports.secrets.of(record, state.workflow, null);
    const context = workflowContext(runContext(state.workflow, header, secrets));
    return {
      id,
      when,
      spec: renderSpec(entry.spec, context, { masks: new SecretSet() }),
      run: {
        id: header.id,
        number: header.number,
        workflow: header.workflow,
        trigger: record.trigger.kind,
        status: endStatus(record),
        reason: record.reason,
        created_at: isoTime(header.createdAt),
        ended_at: isoTime(record.endedAt ?? header.createdAt),
        results: endedResults(state, header.id, new SecretSet()),
      },
    };
  }

  /** What kinds of end this is. */
  async #occasions(record: RunRecord): Promise<readonly NoticeOccasion[]> {
    const status = endStatus(record);
    if (status !== 'success') return [status === 'failed' ? 'failure' : 'cancelled'];
    const { id, workflow } = record.header;
    const { runs } = await this.#ports.state.runs({ workflow, before: id, limit: MOST_EARLIER });
    const earlier = runs.find(({ endedAt }) => endedAt !== null);
    return earlier && earlier.status !== 'success' ? ['recovery', 'success'] : ['success'];
  }

  #again(telling: Telling): void {
    if (this.#isClosed) return;
    const callOff = this.#ports.clock.after(WAITS_MS[telling.tries - 1] ?? 0, () => {
      this.#callOffs.delete(callOff);
      this.#add(telling);
    });
    this.#callOffs.add(callOff);
  }

  async #settle(id: string): Promise<void> {
    const { untold: _, ...record } = this.#ports.state.run(id) ?? { untold: true };
    // Retention may have taken it meanwhile.
    if ('header' in record) await this.#ports.state.batch().updateRun(record).commit();
  }
}

function endStatus({ status }: RunRecord): 'success' | 'failed' | 'cancelled' {
  if (status === 'queued' || status === 'running') throw new Error('Internal error: told of a run that is not over');
  return status;
}
