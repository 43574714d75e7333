import type { CachePlace } from '../compose-cache.ts';
import { systemClock } from '../util/clock.ts';
import type { CliIO } from './io.ts';

/** What this program needs to know of the environment in order to start quickly: where compiled code is kept. */
const NEEDED = ['HOME', 'XDG_CACHE_HOME'];

/** The cache below a state directory; its store process is this same program, `runner cache serve`. */
export function cachePlace(stateDir: string, { program, env }: Pick<CliIO, 'program' | 'env'>): CachePlace {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => {
    return NEEDED.includes(entry[0]) && entry[1] !== undefined;
  });
  const command = {
    argv: [...program, 'cache', 'serve', '--state-dir', stateDir] as const,
    env: Object.fromEntries(kept),
  };
  return { stateDir, command, clock: systemClock };
}
