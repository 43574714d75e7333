import { loadPosixSpawn } from '../../src/executor/posix-spawn.ts';

/** Why programs cannot be started by posix_spawn here, or false. */
export const POSIX_SKIP = (await loadPosixSpawn()) ? false : 'no koffi here, or no glibc from 2.34 on';

/** The ways of starting programs, all of which must do the same. */
export const STARTS: readonly { readonly way: string; readonly fastAfter: number; readonly skip: string | false }[] = [
  { way: 'by Node', fastAfter: Number.POSITIVE_INFINITY, skip: false },
  {
    way: 'by posix_spawn',
    fastAfter: 0,
    skip: POSIX_SKIP,
  },
];
