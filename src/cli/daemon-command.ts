import type { CliIO } from './io.ts';
import { type Look, lookOf } from './print/look.ts';
import type { Session } from './session.ts';

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
  const { Session } = await import('./session.ts');
  const session = new Session(command, options, io);
  try {
    session.connect(options);
    return await use(session);
  } catch (error) {
    const end = await session.explain(error);
    if (end.text !== '') await io.stderr.write(end.isRemark ? `\n${end.text}\n` : `runner ${command}: ${end.text}\n`);
    return end.code;
  } finally {
    session.close();
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
