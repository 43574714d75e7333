/**
 * Whether a branch, tag or path fits a pattern as GitHub reads it: `*` any run without `/`, `**` any run, `**` with `/` any folders or
 * none, `?` the character before it or not, `+` it once or more, `[abc0-9]` one of these, `\` takes the next character as it is. Costs
 * at most pattern times text: no pattern makes it slow.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  const steps = parsePattern(pattern);
  let reached = closure(steps, new Set([0]));
  for (const character of text) {
    reached = closure(steps, advance(steps, reached, character));
    if (reached.size === 0) return false;
  }
  return reached.has(steps.length);
}

/** Whether a text fits a list of patterns: the last one that fits decides, and one with a leading `!` takes out. */
export function fitsPatterns(patterns: readonly string[], text: string): boolean {
  const last = patterns.findLast((pattern) => fitsPattern(pattern.replace(/^!/, ''), text));
  return last !== undefined && !last.startsWith('!');
}

type Step =
  | { readonly kind: 'take'; readonly takes: Takes; readonly optional: boolean; readonly repeats: boolean }
  /** Before `folders`: they may be none. */
  | { readonly kind: 'skip' }
  /** Any run that ends in `/`. */
  | { readonly kind: 'folders' };

type Takes = (character: string) => boolean;

const TOKEN = /(?<=^|\/)\*\*\/|\*+|\[([^\]]+)\]|\\([\s\S])|[\s\S]/gu;

function parsePattern(pattern: string): readonly Step[] {
  const steps: Step[] = [];
  for (const [token, set, escaped] of pattern.matchAll(TOKEN)) {
    const last = steps.at(-1);
    const counts = last?.kind === 'take' && !last.optional && !last.repeats;
    if (counts && token === '?') steps[steps.length - 1] = { ...last, optional: true };
    else if (counts && token === '+') steps[steps.length - 1] = { ...last, repeats: true };
    else if (token === '**/') steps.push({ kind: 'skip' }, { kind: 'folders' });
    else if (token.startsWith('*')) steps.push(run(token.length > 1));
    else steps.push(once(set === undefined ? exactly(escaped ?? token) : oneOf(set)));
  }
  return steps;
}

function run(slashes: boolean): Step {
  return { kind: 'take', takes: (character) => slashes || character !== '/', optional: true, repeats: true };
}

function once(takes: Takes): Step {
  return { kind: 'take', takes, optional: false, repeats: false };
}

function exactly(wanted: string): Takes {
  return (character) => character === wanted;
}

function oneOf(set: string): Takes {
  const ranges = Array.from(set.matchAll(/([\s\S])-([\s\S])|([\s\S])/gu), ([, from, to, single]) => {
    return { from: from ?? single ?? '', to: to ?? single ?? '' };
  });
  return (character) => ranges.some(({ from, to }) => character >= from && character <= to);
}

/** Adds the places that are reached without reading anything. */
function closure(steps: readonly Step[], reached: Set<number>): Set<number> {
  for (const at of reached) {
    const step = steps[at];
    if (step?.kind === 'skip') reached.add(at + 1).add(at + 2);
    else if (step?.kind === 'take' && step.optional) reached.add(at + 1);
  }
  return reached;
}

function advance(steps: readonly Step[], reached: ReadonlySet<number>, character: string): Set<number> {
  const next = new Set<number>();
  for (const at of reached) {
    const step = steps[at];
    if (step?.kind === 'folders') {
      next.add(at);
      if (character === '/') next.add(at + 1);
    } else if (step?.kind === 'take' && step.takes(character)) {
      next.add(at + 1);
      if (step.repeats) next.add(at);
    }
  }
  return next;
}
