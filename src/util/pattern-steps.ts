/** What a pattern asks of a text, place after place. */
export type PatternStep =
  | { readonly kind: 'take'; readonly takes: Takes; readonly optional: boolean; readonly repeats: boolean }
  /** Before `folders`: they may be none. */
  | { readonly kind: 'skip' }
  /** Any run that ends in `/`. */
  | { readonly kind: 'folders' };

type Takes = (character: string) => boolean;

/** Whether a whole text fits the steps. Costs at most steps times text: no pattern makes it slow. */
export function fitsSteps(steps: readonly PatternStep[], text: string): boolean {
  let reached = closure(steps, new Set([0]));
  for (const character of text) {
    reached = closure(steps, advance(steps, reached, character));
    if (reached.size === 0) return false;
  }
  return reached.has(steps.length);
}

/** Any run of characters, an empty one too, with `/` or without. */
export function anyRun(slashes: boolean): PatternStep {
  return { kind: 'take', takes: (character) => slashes || character !== '/', optional: true, repeats: true };
}

/** One character. */
export function once(takes: Takes): PatternStep {
  return { kind: 'take', takes, optional: false, repeats: false };
}

/** One character, the one that is wanted. */
export function exactly(wanted: string): PatternStep {
  return once((character) => character === wanted);
}

/** Adds the places that are reached without reading anything. */
function closure(steps: readonly PatternStep[], reached: Set<number>): Set<number> {
  for (const at of reached) {
    const step = steps[at];
    if (step?.kind === 'skip') reached.add(at + 1).add(at + 2);
    else if (step?.kind === 'take' && step.optional) reached.add(at + 1);
  }
  return reached;
}

function advance(steps: readonly PatternStep[], reached: ReadonlySet<number>, character: string): Set<number> {
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
