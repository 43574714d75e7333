import { anyRun, exactly, fitsSteps, once, type PatternStep } from './pattern-steps.ts';

/**
 * Whether a branch, tag or path fits a pattern as GitHub reads it: `*` any run without `/`, `**` any run, `**` with `/` any folders or
 * none, `?` the character before it or not, `+` it once or more, `[abc0-9]` one of these, `\` takes the next character as it is. Costs
 * at most pattern times text: no pattern makes it slow.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  return fitsSteps(parsePattern(pattern), text);
}

/** Whether a text fits a list of patterns: the last one that fits decides, and one with a leading `!` takes out. */
export function fitsPatterns(patterns: readonly string[], text: string): boolean {
  const last = patterns.findLast((pattern) => fitsPattern(pattern.replace(/^!/, ''), text));
  return last !== undefined && !last.startsWith('!');
}

const TOKEN = /(?<=^|\/)\*\*\/|\*+|\[([^\]]+)\]|\\([\s\S])|[\s\S]/gu;

function parsePattern(pattern: string): readonly PatternStep[] {
  const steps: PatternStep[] = [];
  for (const [token, set, escaped] of pattern.matchAll(TOKEN)) {
    const last = steps.at(-1);
    const counts = last?.kind === 'take' && !last.optional && !last.repeats;
    if (counts && token === '?') steps[steps.length - 1] = { ...last, optional: true };
    else if (counts && token === '+') steps[steps.length - 1] = { ...last, repeats: true };
    else if (token === '**/') steps.push({ kind: 'skip' }, { kind: 'folders' });
    else if (token.startsWith('*')) steps.push(anyRun(token.length > 1));
    else steps.push(set === undefined ? exactly(escaped ?? token) : once(oneOf(set)));
  }
  return steps;
}

function oneOf(set: string): (character: string) => boolean {
  const ranges = Array.from(set.matchAll(/([\s\S])-([\s\S])|([\s\S])/gu), ([, from, to, single]) => {
    return { from: from ?? single ?? '', to: to ?? single ?? '' };
  });
  return (character) => ranges.some(({ from, to }) => character >= from && character <= to);
}
