import type { CachePlace } from '../compose-cache.ts';
import { systemClock } from '../util/clock.ts';
import type { CliIO } from './io.ts';

/** The cache below a state directory; its store process is this same program, `runner cache serve`. */
export function cachePlace(stateDir: string, { program }: Pick<CliIO, 'program'>): CachePlace {
  return { stateDir, command: [...program, 'cache', 'serve', '--state-dir', stateDir], clock: systemClock };
}
