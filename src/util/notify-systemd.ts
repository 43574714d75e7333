/** Runs a short program to its end; rejects when it fails. */
export type RunProgram = (argv: readonly [string, ...string[]]) => Promise<void>;

/** What a service can tell systemd. */
export type ServiceState =
  /** `text` is a line for `systemctl status`. `ready` also ends `reloading`. */
  | { readonly kind: 'ready' | 'reloading' | 'stopping'; readonly text: string }
  /** What the watchdog of the unit waits for. */
  | { readonly kind: 'alive' };

/** Tells systemd; does nothing where nobody listens. Never rejects: whoever runs without systemd runs as well. */
export type NotifySystemd = (state: ServiceState) => Promise<void>;

/**
 * A way to tell systemd how the service is. Node has no datagram sockets in the file system, so that the program `systemd-notify`
 * does it. `socket` is NOTIFY_SOCKET of the environment; `onProblem` hears why telling failed.
 */
export function notifySystemd(
  socket: string | undefined,
  run: RunProgram,
  onProblem: (error: unknown) => void,
): NotifySystemd {
  if (socket === undefined || socket === '') return async () => undefined;
  let last: Promise<void> = Promise.resolve();
  return (state) => {
    // In the order they are told: READY=1 after STOPPING=1 would be believed.
    last = last.then(() => run(['systemd-notify', ...argumentsFor(state)])).catch(onProblem);
    return last;
  };
}

/**
 * How often to say that the service is alive, in ms: half of what systemd waits, from its variables WATCHDOG_USEC and WATCHDOG_PID. null
 * when it does not wait, or not for this process.
 */
export function watchdogInterval(env: Readonly<Record<string, string | undefined>>, pid: number): number | null {
  const microseconds = Number(env.WATCHDOG_USEC);
  if (!Number.isSafeInteger(microseconds) || microseconds <= 0) return null;
  if (env.WATCHDOG_PID !== undefined && env.WATCHDOG_PID !== String(pid)) return null;
  return microseconds / 2000;
}

function argumentsFor(state: ServiceState): readonly string[] {
  if (state.kind === 'alive') return ['WATCHDOG=1'];
  return [ASSIGNMENTS[state.kind], `STATUS=${state.text.replace(/\s+/g, ' ')}`];
}

const ASSIGNMENTS = { ready: 'READY=1', reloading: 'RELOADING=1', stopping: 'STOPPING=1' } as const;
