/** How a size is written: `512MiB`. The schema holds the same pattern. */
export const SIZE_PATTERN = /^(\d{1,9})(B|KiB|MiB|GiB|TiB)$/;

/** Bytes of a size such as `512MiB`, or null when it is not written like one. */
export function parseSize(text: string): number | null {
  const match = SIZE_PATTERN.exec(text);
  if (match === null) return null;
  return Number.parseInt(match[1] ?? '', 10) * 1024 ** UNITS.indexOf(match[2] ?? '');
}

/** A size in the largest unit that leaves at least one, with at most one decimal: `1.5MiB`. */
export function formatSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Math.round((bytes / 1024 ** power) * 10) / 10}${UNITS[power]}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
