import type { Limits } from '../workflow/limits.ts';

/** How a daemon is set up: everything that comes from the command line, the environment and the config file, resolved. */
export interface DaemonSettings {
  /** Absolute path of the folder of workflows, and how the user wrote it. */
  readonly workflows: { readonly path: string; readonly shownAs: string };
  /** Absolute. */
  readonly stateDir: string;
  /** null listens on the control socket only. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** Names besides loopback's under which the server may be addressed. */
  readonly hostNames: readonly string[];
  /** Secrets that sign webhooks; null turns the webhook off. */
  readonly githubSecrets: readonly string[] | null;
  readonly maxRuns: number;
  readonly maxParallel: number;
  readonly queueLimit: number;
  /** null waits for ever. */
  readonly queueTimeoutMs: number | null;
  /** How long a stop waits for runs to end by themselves. */
  readonly drainMs: number;
  /** What a stop does to runs that are not over by then: leave them to the next daemon, or end them. */
  readonly onStop: 'detach' | 'cancel';
  readonly graceMs: number;
  readonly rescanMs: number;
  readonly limits: Limits;
}
