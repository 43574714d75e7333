import { systemClock } from '../util/clock.ts';
import { closeInherited } from './descriptors.ts';
import { serveExecutor } from './executor-server.ts';
import { EXIT_SERVED, READY } from './start-executor.ts';

/** How long an executor stays when there is nothing to do and nobody to do it for, in ms. */
const IDLE_MS = 60_000;

/**
 * The life of an executor process: `FOLDER UMASK [IDLE_MS]`, the umask of its tasks in octal. A hang-up means nothing to it; INT and
 * TERM make it leave as soon as no task and no client needs it.
 */
export async function executorMain([
  folder = '',
  umask = '',
  idleMs = String(IDLE_MS),
]: readonly string[]): Promise<void> {
  closeInherited();
  process.umask(Number.parseInt(umask, 8));
  const leave = new AbortController();
  process.on('SIGHUP', () => {});
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => leave.abort());
  const served = await serveExecutor({
    folder,
    clock: systemClock,
    idleMs: Number(idleMs),
    signal: leave.signal,
    ready: () => process.stdout.write(READY),
  });
  process.exit(served ? 0 : EXIT_SERVED);
}
