import type { Readable } from 'node:stream';
import type { Terminal } from './print/terminal.ts';

/** The signals that ask a command to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** All that a command sees of the process it runs in; tests bring their own. */
export interface CliIO {
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How this program is started: what stands before the command and its options. */
  readonly program: readonly [string, ...string[]];
  /** Absolute. */
  readonly cwd: string;
  /** The bytes given to the program. Opened when asked for: a command that does not read leaves the stream alone. */
  stdin(): Readable;
  /** Asks for a line without showing what is typed, null when the user gives up; null where stdin is no terminal. */
  readonly askHidden: ((question: string) => Promise<string | null>) | null;
  /** Calls back for each signal from now on, instead of what signals do otherwise; returns the way to stop that. */
  onSignal(listener: (signal: EndSignal) => void): () => void;
  /** Closes what this process inherited beyond its three streams, so that no task gets it. To be called once, when all is read. */
  closeInherited(): void;
}
