import { systemClock } from '../util/clock.ts';
import { harmlessName } from '../util/terminal-text.ts';
import { Daemon } from './client/daemon.ts';
import { Detached } from './client/daemon-error.ts';
import { explainError, type Topic } from './client/explain-error.ts';
import { Patience } from './client/patience.ts';
import { findTarget } from './client/target.ts';
import type { DaemonWishes } from './daemon-command.ts';
import { EXIT_CANCELLED, EXIT_SUCCESS } from './exit-code.ts';
import type { Nudge } from './follow/nudge.ts';
import type { CliIO } from './io.ts';
import { pause } from './pause.ts';

/** How a command ends that could not go on. */
export interface Ending {
  /** Harmless; empty when there is nothing to say. */
  readonly text: string;
  /** Whether it is no complaint. */
  readonly isRemark: boolean;
  readonly code: number;
}

/** A command while it talks with a daemon. Ctrl-C, or a reader of the output that goes away, ends it with `Detached`. */
export class Session {
  readonly io: CliIO;
  readonly json: boolean;
  readonly #leaving = new AbortController();
  readonly #stopListening: () => void;
  readonly #patience: Patience;
  #tell: (text: string) => void;
  #daemon: Daemon | null = null;
  #topic: Topic = {};
  #farewell: string | null = null;

  /** `command` is its name, which lines on stderr begin with. */
  constructor(command: string, { json }: DaemonWishes, io: CliIO) {
    this.io = io;
    this.json = json;
    this.#tell = (text) => void io.stderr.write(`runner ${command}: ${text}\n`);
    const tell = (text: string): void => this.#tell(harmlessName(text));
    this.#patience = new Patience({ clock: systemClock, signal: this.leaving, tell });
    this.#stopListening = io.onSignal(() => this.#leaving.abort(new Detached('signal')));
    io.stdout.onClosed(() => this.#leaving.abort(new Detached('closed')));
  }

  /** @throws {UsageError} when the options make no sense */
  connect(options: DaemonWishes): void {
    this.#daemon = new Daemon(findTarget(options, this.io), this.leaving);
  }

  get daemon(): Daemon {
    if (!this.#daemon) throw new Error('Internal error: there is no connection yet');
    return this.#daemon;
  }

  /** Aborts when the user loses interest; its reason ends the command. */
  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  /** Says what the next requests are about, so that a name nobody knows gets a suggestion. */
  about(topic: Topic): void {
    this.#topic = topic;
  }

  /** Says what is told from now on when the user loses interest; the command then ends without an outcome. */
  onLeave(farewell: string): void {
    this.#farewell = farewell;
  }

  /** Lets another show what is to be told meanwhile: one who redraws the terminal. Its texts are harmless. */
  tellThrough(tell: (text: string) => void): void {
    this.#tell = tell;
  }

  /**
   * Asks until the daemon answers, also when it goes away meanwhile and comes back: see `Patience`. `until` is ms of monotonic time.
   */
  patiently<T>(question: (isProbe: boolean) => Promise<T>, until?: number): Promise<T> {
    return this.#patience.ask(question, until);
  }

  /** Lets time pass, in ms, or less when a nudge comes; rejects when the user loses interest meanwhile. */
  pause(ms: number, nudge?: Nudge): Promise<void> {
    return pause(systemClock, this.leaving, ms, nudge);
  }

  /** How the command ends after an error. Rejects with an error of our own. */
  async explain(error: unknown): Promise<Ending> {
    if (error instanceof Detached) return this.#leave(error);
    const explained = await explainError(error, this.#topic, this.#daemon);
    if (explained === null) throw error;
    return { ...explained, isRemark: false };
  }

  close(): void {
    this.#stopListening();
    this.#daemon?.close();
  }

  #leave({ by }: Detached): Ending {
    const text = by === 'signal' ? harmlessName(this.#farewell ?? '') : '';
    const isDone = by === 'closed' && this.#farewell === null;
    return { text, isRemark: true, code: isDone ? EXIT_SUCCESS : EXIT_CANCELLED };
  }
}
