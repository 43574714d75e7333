import { anyRun, exactly, fitsSteps, once, type PatternStep } from '../util/pattern-steps.ts';

/**
 * Whether a whole text fits a pattern of `*` (any run without `/`), `**` (any run), `?` (one character, not `/`) and `\` (takes
 * the next character as it is). Costs at most pattern times text: no pattern makes it slow.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  return fitsSteps(parsePattern(pattern), text);
}

function parsePattern(pattern: string): readonly PatternStep[] {
  return Array.from(pattern.matchAll(/\*+|\?|\\?([\s\S])/gu), ([token, character]) => {
    if (token.startsWith('*')) return anyRun(token.length > 1);
    if (token === '?') return once((one) => one !== '/');
    return exactly(character ?? '\\');
  });
}
