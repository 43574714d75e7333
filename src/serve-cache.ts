import { cacheFolder } from './compose-cache.ts';
import type { Clock } from './model/ports.ts';
import { EXIT_SERVED, READY } from './store/start-store.ts';
import { serveStore } from './store/store-server.ts';

/** How long a store process stays when nobody uses it, in ms: the next run often follows soon. */
const IDLE_MS = 30_000;

/**
 * The life of a store process: serves the store of a state directory, says so, and ends by itself. Resolves with the exit
 * code. All it makes is private.
 */
export async function serveCache(
  stateDir: string,
  signal: AbortSignal,
  clock: Clock,
  say: (text: string) => void,
): Promise<number> {
  process.umask(0o077);
  const served = await serveStore({
    folder: cacheFolder(stateDir),
    clock,
    idleMs: IDLE_MS,
    signal,
    ready: () => say(READY),
  });
  return served ? 0 : EXIT_SERVED;
}
