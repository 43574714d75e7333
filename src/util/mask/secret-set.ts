import { Automaton } from './automaton.ts';
import { GramFilter } from './gram-filter.ts';
import { MaskStream } from './mask-stream.ts';
import type { Patterns } from './patterns.ts';
import { isLongEnough, variantsOf } from './variants.ts';

/** What stands in the place of a secret. */
export const MASK = '***';

/** Most secrets of one run (reliability G13). */
export const MOST_SECRETS = 200;
