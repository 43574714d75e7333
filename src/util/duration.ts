/** How a duration is written: `1h30m`, units from large to small, each at most once. The schema holds the same pattern. */
export const DURATION_PATTERN = /^(?=\d)(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?(\d{1,9}ms)?$/;

/** Milliseconds of a duration such as `90s` or `1h30m`, or null when it is not written like one. */
export function parseDuration(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return null;
  return UNITS.reduce((total, [, ms], index) => total + ms * Number.parseInt(match[index + 1] ?? '0', 10), 0);
}

/** The shortest exact way to write `ms` milliseconds as a duration: `1h30m`. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms));
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.join('') || '0s';
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;
