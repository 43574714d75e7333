import type { PruneReport } from '../model/api.ts';
import type { Log } from '../model/log.ts';
import type { Clock } from '../model/ports.ts';
import type { StateStore } from '../model/state-store.ts';
import { type DiskRoom, diskRoom, type RoomLimits } from '../util/disk-room.ts';
import { Retention } from './retention.ts';
import type { RetentionLimits } from './retention-plan.ts';

/** What housekeeping works with. */
export interface HousekeeperParts {
  readonly state: StateStore;
  readonly retention: Retention;
  /** How much room is left where the state is. */
  readonly room: () => Promise<DiskRoom>;
  /** Writes state again where that failed. */
  readonly tryAgain: () => Promise<void>;
  /** Reads the database whole, and names files of it that are damaged. */
  readonly damage: () => Promise<readonly string[]>;
  /** What else is too old goes, too. */
  readonly forget: (now: number) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a daemon keeps its disk by. */
export interface HousekeeperOptions extends Pick<HousekeeperParts, 'state' | 'tryAgain' | 'damage' | 'clock' | 'log'> {
  readonly retention: RetentionLimits;
  readonly disk: RoomLimits;
  /** Removes stored results of tasks from before a time, ms since the epoch. */
  readonly forgetResults: (before: number) => Promise<void>;
  /** Absolute paths of the state, and of the folders of runs in it. */
  readonly folder: string;
  readonly runs: string;
}

/** A housekeeper for the disk of this machine; it does nothing until it is started. */
export function createHousekeeper(options: HousekeeperOptions): Housekeeper {
  const { state, tryAgain, damage, clock, log, runs } = options;
  const onProblem = (path: string, error: unknown) => log.warn({ path, error }, 'a folder cannot be removed');
  const retention = new Retention({ state, runs, limits: options.retention, clock, onProblem });
  const room = (): Promise<DiskRoom> => diskRoom(options.folder, options.disk);
  const forget = (now: number) => options.forgetResults(now - options.retention.maxAgeMs);
  return new Housekeeper({ state, retention, room, tryAgain, damage, forget, clock, log });
}

/** How often the disk is looked at, in ms. */
const LOOK_MS = 2_000;

/** How often what is too old is taken away, in ms. */
const SWEEP_MS = 3_600_000;

/** How often the whole database is read, in ms. */
const INSPECT_MS = 24 * 3_600_000;

/** Looks after the disk: takes away what is too old, tells when nothing new may begin, and notices when a disk that failed is well again. */
export class Housekeeper {
  readonly #parts: HousekeeperParts;
  #full: string | null = null;
  #damage: string | null = null;
  readonly #callOff: (() => void)[] = [];
  #isClosed = false;
  /** What goes on in the background, one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(parts: HousekeeperParts) {
    this.#parts = parts;
  }

  /** Why no new run may begin, in words, or null. */
  get full(): string | null {
    return this.#full;
  }

  /** Which files of the database are damaged, in words, or null. */
  get damage(): string | null {
    return this.#damage;
  }

  /** Looks at the disk, and from then on again and again. */
  async start(): Promise<void> {
    await this.#look();
    this.#often(LOOK_MS, () => this.#enqueue(() => this.#look()));
  }

  /**
   * Takes away what is too old and inspects the database, in the background, and from then on again and again. To be called once
   * the daemon is ready: it goes through all that is kept, which no start should have to wait for.
   */
  tidy(): void {
    this.#sweep();
    this.#enqueue(() => this.#inspect());
    this.#often(SWEEP_MS, () => this.#sweep());
    this.#often(INSPECT_MS, () => this.#enqueue(() => this.#inspect()));
  }

  /** Removes what is too old now, or with `dryRun` says how much that is. */
  prune(dryRun: boolean): Promise<PruneReport> {
    return this.#parts.retention.sweep(dryRun);
  }

  /** A run is over: what it takes on the disk is remembered. */
  ended(run: string): void {
    this.#enqueue(async () => {
      await this.#parts.retention.measure(run);
    });
  }

  /** Resolves once nothing goes on any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const callOff of this.#callOff) callOff();
    await this.#work;
  }

  #sweep(): void {
    this.#enqueue(async () => {
      const { runs, bytes } = await this.#parts.retention.sweep(false);
      if (runs > 0) this.#parts.log.info({ runs, bytes }, 'old runs removed');
      const now = this.#parts.clock.now();
      await this.#parts.state.forget(now);
      await this.#parts.forget(now);
    });
  }

  async #look(): Promise<void> {
    await this.#parts.tryAgain();
    const { problem } = await this.#parts.room();
    const before = this.#full;
    this.#full = problem;
    if ((before === null) === (problem === null)) return;
    if (problem === null) this.#parts.log.info({}, 'there is room on the disk again');
    else this.#parts.log.error({ problem }, 'no new run begins');
  }

  /** LevelDB itself notices a damaged file late or never. */
  async #inspect(): Promise<void> {
    const damaged = await this.#parts.damage();
    this.#damage = damaged.length === 0 ? null : `the database has damaged files: ${damaged.join(', ')}`;
    if (this.#damage !== null) this.#parts.log.error({ problem: this.#damage }, 'state is damaged');
  }

  /** Housekeeping that fails is said, and tried again at the next occasion. */
  #enqueue(job: () => Promise<void>): void {
    if (this.#isClosed) return;
    this.#work = this.#work.then(job).catch((error) => this.#parts.log.error({ err: error }, 'housekeeping failed'));
  }

  #often(ms: number, action: () => void): void {
    let callOff = (): void => {};
    const next = (): void => {
      callOff = this.#parts.clock.after(ms, () => {
        action();
        next();
      });
    };
    next();
    this.#callOff.push(() => callOff());
  }
}
