/**
 * Whether a whole text fits a pattern of `*` (any run without `/`), `**` (any run), `?` (one character, not `/`) and `\` (takes
 * the next character as it is). Costs at most pattern times text: no pattern makes it slow.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const steps = parsePattern(pattern);
  let reached = closure(steps, new Set([0]));
  for (const character of text) {
    reached = closure(steps, advance(steps, reached, character));
    if (reached.size === 0) return false;
  }
  return reached.has(steps.length);
}

type Step =
  | { readonly kind: 'run' | 'one'; readonly slash: boolean }
  | { readonly kind: 'exactly'; readonly character: string };

function parsePattern(pattern: string): readonly Step[] {
  return Array.from(pattern.matchAll(/\*+|\?|\\?([\s\S])/gu), ([token, character]): Step => {
    if (token.startsWith('*')) return { kind: 'run', slash: token.length > 1 };
    if (token === '?') return { kind: 'one', slash: false };
    return { kind: 'exactly', character: character ?? '\\' };
  });
}

/** Adds the places that are reached without reading anything: a run may be empty. */
function closure(steps: readonly Step[], reached: Set<number>): Set<number> {
  for (const at of reached) {
    if (steps[at]?.kind === 'run') reached.add(at + 1);
  }
  return reached;
}

function advance(steps: readonly Step[], reached: ReadonlySet<number>, character: string): Set<number> {
  const next = new Set<number>();
  for (const at of reached) {
    const step = steps[at];
    if (step === undefined) continue;
    const fits = step.kind === 'exactly' ? step.character === character : step.slash || character !== '/';
    if (fits) next.add(step.kind === 'run' ? at : at + 1);
  }
  return next;
}
