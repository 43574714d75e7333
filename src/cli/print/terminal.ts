/**
 * Where a command writes for people and programs: a terminal, a pipe or a file. Everything the command line prints goes
 * through one of these; nothing else touches the process's streams.
 */
export interface Terminal {
  /** Whether what was written can be erased and written again. */
  readonly live: boolean;
  /** Whether colours are wanted. */
  readonly color: boolean;
  /** Cells in a line; infinite where nothing wraps. */
  readonly columns: number;
  /** Lines in sight; infinite where nothing scrolls away. */
  readonly rows: number;
  /** True once nobody reads any more; writes are dropped from then on. */
  readonly closed: boolean;
  /** Why something could not be written although there is a reader, such as a full disk; null when all was well so far. */
  readonly problem: string | null;
  /** Calls back once, as soon as nobody reads any more. */
  onClosed(listener: () => void): void;
  /**
   * Takes bytes in order. A promise means that the reader is behind: it resolves, and never rejects, once they are written or
   * dropped. The bytes belong to the terminal until then.
   */
  write(bytes: Uint8Array | string): void | Promise<void>;
}

/** What the environment and the stream say about a terminal. */
export interface TerminalTraits {
  readonly live: boolean;
  readonly color: boolean;
}

/**
 * Decides how to write: escapes only to a terminal that is not `TERM=dumb`, not a CI's log and not under `NO_COLOR`.
 * `FORCE_COLOR` brings colours, and only colours, everywhere; `FORCE_COLOR=0` takes them away. It wins over `NO_COLOR`.
 */
export function terminalTraits(isTTY: boolean, env: Readonly<Record<string, string | undefined>>): TerminalTraits {
  const live = isTTY && env.TERM !== 'dumb' && !env.NO_COLOR && (!env.CI || env.CI === 'false');
  const force = env.FORCE_COLOR;
  if (force === undefined) return { live, color: live };
  return { live, color: force !== '0' && force !== 'false' };
}
