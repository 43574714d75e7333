const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A duration in milliseconds for people: `0.04s`, `12.3s`, `2m05s`, `1h02m`. */
export function durationText(ms: number): string {
  if (ms < 10 * SECOND - 5) return `${(Math.max(0, ms) / SECOND).toFixed(2)}s`;
  if (ms < MINUTE - 50) return `${(ms / SECOND).toFixed(1)}s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < HOUR / SECOND) return `${Math.floor(seconds / 60)}m${twoDigits(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${twoDigits(Math.floor(seconds / 60) % 60)}m`;
}

/** The same in whole seconds, for a display that ticks: `4s`, `2m05s`. */
export function elapsedText(ms: number): string {
  return ms < MINUTE ? `${Math.floor(Math.max(0, ms) / SECOND)}s` : durationText(ms - (ms % SECOND));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
