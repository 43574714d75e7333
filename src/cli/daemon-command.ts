import { systemClock } from '../util/clock.ts';
import { harmlessName } from '../util/terminal-text.ts';
import type { Daemon } from './client/daemon.ts';
import type { Topic } from './client/explain-error.ts';
import { EXIT_CANCELLED, EXIT_SUCCESS } from './exit-code.ts';
import type { Nudge } from './follow/nudge.ts';
import type { CliIO } from './io.ts';
import { pause } from './pause.ts';
import { type Look, lookOf } from './print/look.ts';

/** The options of every command that asks a daemon. */
export const DAEMON_OPTIONS = {
  json: { kind: 'flag', description: 'Print JSON' },
  host: {
    kind: 'text',
    value: 'URL',
    description: 'Ask the daemon at this address; its token is read from RUNNER_TOKEN',
    fallback: '$RUNNER_HOST',
  },
  stateDir: { kind: 'text', value: 'DIR', description: 'Ask the daemon that keeps its state here' },
} as const;

/** What those options say. */
export interface DaemonWishes {
  readonly json: boolean;
  readonly host: string | undefined;
  readonly stateDir: string | undefined;
}

/** A command while it talks with a daemon. */
export interface Session {
  readonly daemon: Daemon;
  readonly io: CliIO;
  readonly json: boolean;
  /** Aborts when the user loses interest; its reason ends the command. */
  readonly leaving: AbortSignal;
  /** Says what the next requests are about, so that a name nobody knows gets a suggestion. */
  about(topic: Topic): void;
  /** Lets time pass, in ms, or less when a nudge comes; rejects when the user loses interest meanwhile. */
  pause(ms: number, nudge?: Nudge): Promise<void>;
  /** Says what is told, and that there is no outcome, when the user loses interest from now on. */
  onDetach(message: () => string): void;
}

/**
 * Lets a command talk with the daemon its options name. Whatever goes wrong on the way becomes one line on stderr and an exit code,
 * and so does Ctrl-C: what was asked of the daemon goes on without us.
 */
export async function withDaemon(
  command: string,
  options: DaemonWishes,
  io: CliIO,
  use: (session: Session) => Promise<number>,
): Promise<number> {
  const errors = await import('./client/daemon-error.ts');
  const leaving = new AbortController();
  const stopListening = io.onSignal(() => leaving.abort(new errors.Detached('signal')));
  io.stdout.onClosed(() => leaving.abort(new errors.Detached('closed')));
  let detachMessage: (() => string) | null = null;
  let topic: Topic = {};
  let daemon: Daemon | null = null;
  try {
    daemon = await connect(options, io, leaving.signal);
    return await use({
      daemon,
      io,
      json: options.json,
      leaving: leaving.signal,
      about: (next) => {
        topic = next;
      },
      pause: (ms, nudge) => pause(systemClock, leaving.signal, ms, nudge),
      onDetach: (message) => {
        detachMessage = message;
      },
    });
  } catch (error) {
    if (error instanceof errors.Detached) return await leave(error.by, detachMessage, io);
    const { explainError } = await import('./client/explain-error.ts');
    const explained = await explainError(error, topic, daemon);
    if (explained === null) throw error;
    await io.stderr.write(`runner ${command}: ${explained.text}\n`);
    return explained.code;
  } finally {
    stopListening();
    daemon?.close();
  }
}

/** Prints an answer: as JSON where that was asked for, else as the text for people. */
export async function printAnswer<T extends object>(
  { io, json }: Session,
  answer: T,
  text: (answer: T, look: Look) => string,
): Promise<void> {
  await io.stdout.write(json ? `${JSON.stringify(answer, null, 2)}\n` : text(answer, lookOf(io.stdout)));
}

async function connect(options: DaemonWishes, io: CliIO, signal: AbortSignal): Promise<Daemon> {
  const [{ Daemon }, { findTarget }] = await Promise.all([import('./client/daemon.ts'), import('./client/target.ts')]);
  return new Daemon(findTarget(options, io), signal);
}

async function leave(by: 'signal' | 'closed', message: (() => string) | null, io: CliIO): Promise<number> {
  if (by === 'signal' && message) await io.stderr.write(`\n${harmlessName(message())}\n`);
  return by === 'closed' && !message ? EXIT_SUCCESS : EXIT_CANCELLED;
}
