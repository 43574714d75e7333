/**
 * Whether a pattern fits a whole path of segments: `*` stands for any characters within a segment, `**` as a segment of its own
 * for any number of segments, none included. Everything else stands for itself.
 */
export function globMatches(pattern: string, path: string): boolean {
  return segmentsMatch(pattern.split('/'), path.split('/'));
}

function segmentsMatch(patterns: readonly string[], segments: readonly string[]): boolean {
  // Which of the first patterns fit the segments so far; a row per segment keeps hostile patterns cheap.
  let fits = [true];
  for (const [index, pattern] of patterns.entries()) fits[index + 1] = fits[index] === true && pattern === '**';
  for (const segment of segments) {
    const next = [false];
    for (const [index, pattern] of patterns.entries()) {
      next[index + 1] =
        pattern === '**'
          ? fits[index + 1] === true || next[index] === true
          : fits[index] === true && segmentMatches(pattern, segment);
    }
    fits = next;
  }
  return fits[patterns.length] === true;
}

/** Literal parts in their order, the first at the beginning and the last at the end; each as early as can be. */
function segmentMatches(pattern: string, segment: string): boolean {
  const parts = pattern.split('*');
  const first = parts.shift() ?? '';
  const last = parts.pop();
  if (last === undefined) return segment === first;
  if (!segment.startsWith(first) || !segment.endsWith(last) || segment.length < first.length + last.length)
    return false;
  let position = first.length;
  for (const part of parts) {
    const found = segment.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return position <= segment.length - last.length;
}
