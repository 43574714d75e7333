/**
 * The candidate a mistyped word most likely means, or undefined when none is near: at most a third of its letters away,
 * rounded up, counting an insertion, a deletion, a change and a swap of neighbours as one step each. Case does not count.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.ceil(word.length / 3) + 1;
  let steps = 0;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    steps += word.length * candidate.length;
    if (steps > MOST_STEPS) return best;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

const MAX_LENGTH = 64;

/** Pairs of letters that are compared: 250 long names, or 40,000 short ones; the others are not looked at. */
const MOST_STEPS = 1_000_000;

function editDistance(from: string, to: string): number {
  let beforeLast = new Uint8Array(to.length + 1);
  let last = Uint8Array.from(beforeLast, (_item, index) => index);
  let row = new Uint8Array(to.length + 1);
  for (let i = 1; i <= from.length; i++) {
    row[0] = i;
    for (let j = 1; j <= to.length; j++) {
      const same = from.charCodeAt(i - 1) === to.charCodeAt(j - 1);
      const swapped =
        i > 1 &&
        j > 1 &&
        from.charCodeAt(i - 1) === to.charCodeAt(j - 2) &&
        from.charCodeAt(i - 2) === to.charCodeAt(j - 1);
      const without = Math.min(at(last, j), at(row, j - 1)) + 1;
      const changed = at(last, j - 1) + (same ? 0 : 1);
      row[j] = Math.min(without, changed, swapped ? at(beforeLast, j - 2) + 1 : changed);
    }
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return at(last, to.length);
}

function at(row: Uint8Array, index: number): number {
  return row[index] ?? 0;
}
