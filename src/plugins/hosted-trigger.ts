import type { PluginTriggerEntry } from '../model/extension.ts';
import type { Clock, EndRequest } from '../model/ports.ts';
import type { TriggerHost } from '../model/trigger.ts';
import type { TriggerEntry } from '../model/workflow.ts';
import type { SpecDescription } from './description.ts';
import type { PluginProcess } from './plugin-process.ts';
import { readFiring } from './read-firing.ts';
import { specType } from './task-type.ts';

/** How long it takes until a watch that has ended is begun again: at first, and at most, in ms. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** Time a watch has to end once nobody wants it any more, in ms. */
const GRACE_MS = 5_000;

/** Makes the trigger whose entries are watched in the process of a plugin. @throws {BadDescription} when its schema cannot be used */
export function pluginTriggerEntry(
  description: SpecDescription,
  process: PluginProcess,
  clock: Clock,
): PluginTriggerEntry {
  const { type: kind } = description;
  return {
    type: specType(description),
    create: (trouble) => ({
      kind,
      initiator: 'plugin',
      comesAgain: true,
      arm: (entry, host) => new Watch(process, clock, entry, host, (message) => trouble(kind, message)),
      next: () => [],
    }),
  };
}

/** One entry that is watched, until it is disposed of, however often the plugin gives up. */
class Watch {
  readonly #process: PluginProcess;
  readonly #clock: Clock;
  readonly #entry: TriggerEntry;
  readonly #host: TriggerHost;
  readonly #trouble: (message: string) => void;
  readonly #ending = new AbortController();
  #wait = FIRST_WAIT_MS;
  #callOff: () => void = () => {};

  constructor(
    process: PluginProcess,
    clock: Clock,
    entry: TriggerEntry,
    host: TriggerHost,
    trouble: (message: string) => void,
  ) {
    this.#process = process;
    this.#clock = clock;
    this.#entry = entry;
    this.#host = host;
    this.#trouble = trouble;
    void this.#begin();
  }

  dispose(): void {
    const request: EndRequest = { graceMs: GRACE_MS, hurry: new AbortController().signal };
    this.#ending.abort(request);
    this.#callOff();
  }

  async #begin(): Promise<void> {
    const problem = await this.#watch();
    if (this.#ending.signal.aborted) return;
    this.#trouble(problem);
    this.#callOff = this.#clock.after(this.#wait, () => void this.#begin());
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT_MS);
  }

  /** Watches until that ends; resolves with why. */
  async #watch(): Promise<string> {
    const { kind, spec: entry } = this.#entry;
    const fire = async (said: Parameters<typeof readFiring>[0]): Promise<void> => {
      await this.#host.decide([readFiring(said, kind)], null);
      this.#wait = FIRST_WAIT_MS;
    };
    try {
      const io = { signal: this.#ending.signal, write: () => {}, fire };
      const end = await this.#process.run({ type: 'watch', kind, entry }, io);
      if (end?.kind === 'threw') return end.failure.message;
      return end?.kind === 'died' ? `its process died: ${end.how}` : 'it stopped watching';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
