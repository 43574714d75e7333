import type { Json } from '../model/json.ts';
import type { Clock } from '../model/ports.ts';
import { pause } from '../util/clock.ts';
import { PluginFailure } from './plugin-failure.ts';
import { type LifeOptions, PluginLife } from './plugin-life.ts';
import type { Work } from './protocol.ts';
import type { JobEnd, JobIO } from './running-job.ts';

/** The first wait before a plugin that died is started again, in ms; it doubles each time. */
const FIRST_WAIT_MS = 100;

/** The longest wait, in ms. */
const LONGEST_WAIT_MS = 30_000;

/** A process that has lived for so long is well, in ms. */
const WELL_MS = 60_000;

/**
 * A plugin's process, whichever that is at the moment: one that died is started again for the next job, later each time until a
 * job ends otherwise or a process lasts.
 */
export class PluginProcess {
  readonly #options: LifeOptions;
  readonly #clock: Clock;
  #life: Promise<PluginLife> | null = null;
  #description: string | null = null;
  #deaths = 0;
  #lastDeath = '';
  #isClosed = false;

  constructor(options: LifeOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  /** How its last process died, or null when none did since a job succeeded. */
  get trouble(): string | null {
    return this.#deaths === 0 ? null : this.#lastDeath;
  }

  /** Starts the process. Resolves with what the plugin says it is. @throws {PluginFailure} */
  async load(): Promise<Json> {
    const { life, description } = await PluginLife.begin(this.#options);
    this.#description = JSON.stringify(description);
    this.#adopt(life);
    return description;
  }

  /** Says that the plugin is taken, and jobs may come. */
  async begin(): Promise<void> {
    (await this.#life)?.signal('start');
  }

  /** Says that no jobs will come for a while. */
  async rest(): Promise<void> {
    (await this.#life)?.signal('pause');
  }

  /**
   * Has work done. `started` is called with the process's pid before the work is handed to it. Resolves with null when the work was to
   * end before it began. @throws {PluginFailure} when there is no process and none can be started
   */
  async run(work: Work, io: JobIO, started?: (pid: number) => Promise<void>): Promise<JobEnd | null> {
    const life = await this.#alive(io.signal);
    if (life === null) return null;
    await started?.(life.pid);
    const end = await life.run(work, io);
    if (end.kind !== 'died') this.#deaths = 0;
    return end;
  }

  /** Ends the process, for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const life = await this.#life?.catch(() => null);
    await life?.end();
  }

  async #alive(signal: AbortSignal): Promise<PluginLife | null> {
    this.#life ??= this.#startAgain(signal);
    const life = await this.#life;
    return signal.aborted ? null : life;
  }

  async #startAgain(signal: AbortSignal): Promise<PluginLife> {
    try {
      if (this.#isClosed) throw new PluginFailure('it was ended', '');
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (this.#deaths - 1), LONGEST_WAIT_MS);
      if (this.#deaths > 0) await this.#waitFor(wait, signal);
      const { life, description } = await PluginLife.begin(this.#options);
      if (JSON.stringify(description) !== this.#description) {
        life.kill('it was changed');
        throw new PluginFailure('it was changed; its new drivers are seen when the program starts again', '');
      }
      this.#adopt(life);
      life.signal('start');
      return life;
    } catch (error) {
      this.#mourn(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Shorter for who does not want to wait any more. */
  async #waitFor(ms: number, signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([pause(this.#clock, ms), aborted]);
  }

  #adopt(life: PluginLife): void {
    this.#life = Promise.resolve(life);
    const callOff = this.#clock.after(WELL_MS, () => {
      this.#deaths = 0;
    });
    void life.ended.then((how) => {
      callOff();
      this.#mourn(how);
    });
  }

  #mourn(how: string): void {
    this.#life = null;
    this.#deaths++;
    this.#lastDeath = how;
  }
}
