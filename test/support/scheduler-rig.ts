import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FireWish, manualWish } from '../../src/engine/admission/wish.ts';
import { Scheduler } from '../../src/engine/scheduler.ts';
import type { RunHost, SchedulerLimits, SchedulerPorts } from '../../src/engine/scheduler-ports.ts';
import type { Database } from '../../src/model/database.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { FiringRecord } from '../../src/model/firing.ts';
import { MANUAL_FIRING } from '../../src/model/manual-firing.ts';
import type { Clock } from '../../src/model/ports.ts';
import type { Definition, RunRecord, StateStore } from '../../src/model/state-store.ts';
import type { Workflow } from '../../src/model/workflow.ts';
import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { createStateStore } from '../../src/store/state-store.ts';
import { SecretSet } from '../../src/util/mask/secret-set.ts';
import { FakeClock } from './fake-clock.ts';
import { type Fate, MortalDatabase } from './mortal-database.ts';
import { World } from './world.ts';

/** What a rig may have of its own. */
export interface SchedulerRigOptions {
  readonly limits?: Partial<SchedulerLimits>;
  readonly world?: World;
  readonly database?: Database;
  readonly workflows?: readonly Workflow[];
  /** What the host of a run has of its own; may throw. */
  readonly host?: (record: RunRecord) => Partial<RunHost['ports']>;
  /** Before it no run is put together. */
  readonly ready?: Promise<void>;
}

/** A machine: its disk, its processes, its time, and the daemons that come and go on it. */
export class SchedulerRig {
  readonly clock = new FakeClock();
  readonly database: Database;
  readonly world: World;
  readonly events: { readonly run: string; readonly event: RunEvent }[] = [];
  readonly firings: FiringRecord[] = [];
  readonly troubles: (string | null)[] = [];
  readonly broken: unknown[] = [];
  readonly stuck: unknown[] = [];
  readonly uncleared: unknown[] = [];
  /** Runs whose processes were ended because nobody takes them up. */
  readonly abandoned: string[] = [];
  /** Why no run may be made. */
  full: string | null = null;
  state: StateStore;
  scheduler: Scheduler;
  readonly #folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  readonly #options: SchedulerRigOptions;
  readonly #workflows = new Map<string, Workflow>();
  #waiting: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];

  constructor(options: SchedulerRigOptions = {}) {
    this.#options = options;
    this.database = options.database ?? new MemoryDatabase();
    this.world = options.world ?? new World();
    for (const workflow of options.workflows ?? []) this.#workflows.set(workflow.id, workflow);
    this.state = createStateStore(this.database);
    this.scheduler = this.daemon();
  }

  /** A new daemon on the same machine; the one before must be dead, or let go. */
  daemon(fate?: (commit: number) => Fate, onDeath: () => void = () => {}): Scheduler {
    const database = new MortalDatabase(this.database, fate, () => {
      onDeath();
      this.#changed();
    });
    this.state = createStateStore(database);
    this.scheduler = new Scheduler(this.#ports(this.state, database));
    return this.scheduler;
  }

  /** A wish to run a workflow by hand. */
  wish(workflow: Workflow, rest: Partial<FireWish> = {}): FireWish {
    this.#workflows.set(workflow.id, workflow);
    return { ...manualWish(workflow, 'cli'), ...rest };
  }

  /** A wish of a cron entry for a slot. */
  slot(workflow: Workflow, key: string, rest: Partial<FireWish> = {}): FireWish {
    const firing = { ...MANUAL_FIRING, kind: 'cron', scheduledAt: key };
    const origin = { trigger: 'cron:1', kind: 'cron', key, dueAt: 0, initiator: 'schedule' };
    return { ...this.wish(workflow), ...origin, firing, overlap: 'skip', ...rest };
  }

  /** Resolves once something holds; asked again after whatever happens. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  /** Resolves with the record of a run once it is over. */
  async ended(id: string): Promise<RunRecord> {
    await this.until(() => this.record(id).endedAt !== null);
    return this.record(id);
  }

  record(id: string): RunRecord {
    const record = this.state.run(id);
    if (!record) throw new Error(`no run ${id}`);
    return record;
  }

  /** `task: phase` of a run's events so far: what happened, in order. */
  history(id: string): string[] {
    return this.events.flatMap(({ run, event }) => {
      if (run !== id) return [];
      return ['task' in event && event.task !== null ? `${event.task} ${event.type}` : event.type];
    });
  }

  /** The workflow a definition was made from, as far as this machine can still read it. */
  reload({ workflow }: Definition): Workflow | null {
    return this.#workflows.get(workflow) ?? null;
  }

  /** A later version of the program cannot read a workflow any more. */
  outgrow(workflow: Workflow): void {
    this.#workflows.delete(workflow.id);
  }

  /** The folder of a run, while it has one. */
  folderOf(run: string): string {
    return join(this.#folder, run);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #ports(state: StateStore, database: MortalDatabase): SchedulerPorts {
    const alive = (action: () => void): void => {
      if (database.isDead) return;
      action();
      this.#changed();
    };
    const clock = mortalClock(this.clock, () => database.isDead);
    return {
      state,
      clock,
      limits: { maxRuns: 100, maxParallel: 100, queueLimit: 1000, queueTimeoutMs: null, ...this.#options.limits },
      full: () => this.full,
      reload: (definition) => this.reload(definition),
      abandon: async (run) => void this.abandoned.push(run),
      host: async (record) => {
        if (this.#options.ready) await this.#options.ready;
        return this.#host(record, clock, () => database.isDead);
      },
      listener: {
        events: (record, events) =>
          alive(() => this.events.push(...events.map((event) => ({ run: record.header.id, event })))),
        firing: (firing) => alive(() => this.firings.push(firing)),
        trouble: (message) => alive(() => this.troubles.push(message)),
        uncleared: (_run, error) => alive(() => this.uncleared.push(error)),
        broken: (_run, error) => alive(() => this.broken.push(error)),
        stuck: (_run, error) => alive(() => this.stuck.push(error)),
      },
    };
  }

  #host(record: RunRecord, clock: Clock, isDead: () => boolean): RunHost {
    const own = this.#options.host?.(record);
    const runDir = this.folderOf(record.header.id);
    mkdirSync(join(runDir, 'outputs'), { recursive: true });
    return {
      close: async () => rmSync(runDir, { recursive: true, force: true }),
      ports: {
        drivers: new Map([['scripted', this.world.driver(isDead)]]),
        clock,
        paths: { workspace: runDir, runDir, eventPath: '' },
        secretValues: new Map(),
        masks: new SecretSet(),
        hostEnv: new Map([['PATH', '/usr/bin:/bin']]),
        runtimeEnv: new Map(),
        random: () => 0,
        graceMs: 10_000,
        openOutput: () => ({ write: () => {}, close: () => [] }),
        ...own,
      },
    };
  }

  #changed(): void {
    const met = this.#waiting.filter(({ isMet }) => isMet());
    this.#waiting = this.#waiting.filter((waiting) => !met.includes(waiting));
    for (const { resolve } of met) resolve();
  }
}

/** Time for somebody who may die: then nothing calls back any more. */
function mortalClock(clock: Clock, isDead: () => boolean): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms, callback) => clock.after(ms, () => (isDead() ? undefined : callback())),
  };
}
