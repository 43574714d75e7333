import { type CachePlace, cacheFolder, cachePorts } from './compose-cache.ts';
import type { Clock } from './model/ports.ts';
import type { ResultStore } from './model/store.ts';
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
    tidy: (store) => tidy({ stateDir, clock }, store),
  });
  return served ? 0 : EXIT_SERVED;
}

/** Takes away what no run will use any more. What cannot be done now can be done the next time; there is nobody to tell. */
async function tidy({ stateDir, clock }: Pick<CachePlace, 'stateDir' | 'clock'>, store: ResultStore): Promise<void> {
  try {
    const { NO_RESULT, purge, UNSETTLED_MS } = await import('./engine/cache/upkeep.ts');
    const now = clock.now();
    await purge(cachePorts({ stateDir, clock }, store), NO_RESULT, now, now - UNSETTLED_MS);
  } catch {}
}
