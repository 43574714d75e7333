import type { Clock, EndRequest } from '../../model/ports.ts';
import type { Container } from './container.ts';

/** How long a container that does not die of KILL is waited for, in ms (G9). */
const LEFTOVER_MS = 5_000;

/**
 * Ends a container: TERM, the grace, KILL. `over` settles when it has ended. Returns whether it has; rarely not, when the kernel
 * does not let go of something in it.
 */
export async function endContainer(
  container: Container,
  over: Promise<unknown>,
  { graceMs, hurry }: EndRequest,
  clock: Clock,
): Promise<boolean> {
  if (graceMs > 0 && !hurry.aborted) {
    await askToEnd(container);
    if (await settlesWithin(over, graceMs, clock, hurry)) return true;
  }
  await container.signal('SIGKILL');
  return settlesWithin(over, LEFTOVER_MS, clock);
}

/** One that is paused, or whose process is stopped, cannot hear TERM, so it is made to go on. */
async function askToEnd(container: Container): Promise<void> {
  await container.signal('SIGTERM');
  await container.signal('SIGCONT');
  await container.unpause();
}

function settlesWithin(over: Promise<unknown>, ms: number, clock: Clock, hurry?: AbortSignal): Promise<boolean> {
  // It may have come while the container was being asked.
  if (hurry?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (isOver: boolean): void => {
      callOff();
      resolve(isOver);
    };
    const callOff = clock.after(ms, () => resolve(false));
    hurry?.addEventListener('abort', () => settle(false), { once: true });
    over.then(
      () => settle(true),
      () => settle(true),
    );
  });
}
