import { type StoredResult, sizeOf } from '../../engine/cache/upkeep.ts';
import { formatDuration } from '../../util/duration.ts';
import { formatSize } from '../../util/size.ts';
import { harmlessName } from '../../util/terminal-text.ts';

const HEAD = ['WORKFLOW', 'TASK', 'AGE', 'FILES', 'RUN'];

const SECOND = 1000;

/** Stored results as a table; `now` is in ms since the epoch. */
export function resultLines(results: readonly StoredResult[], now: number): string {
  if (results.length === 0) return 'the cache is empty\n';
  const rows = [HEAD, ...results.map(({ entry }) => rowOf(entry, now))];
  const widths = HEAD.map((_head, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

/** Stored results as records, for JSON. Values of exports are not among them. */
export function resultRecords(results: readonly StoredResult[]): readonly object[] {
  return results.map(({ key, scope, entry }) => ({
    key,
    folder: scope,
    workflow: entry.workflow,
    task: entry.task,
    run: entry.origin.run,
    stored_at: new Date(entry.origin.at).toISOString(),
    ttl_ms: entry.ttlMs,
    exports: entry.outputs.map(({ name }) => name),
    paths: entry.paths.map(({ path }) => path),
    bytes: sizeOf(entry),
    depends_on: entry
      .parts()
      .filter((part) => part.decides)
      .map(({ name }) => name),
  }));
}

function rowOf(entry: StoredResult['entry'], now: number): readonly string[] {
  const age = Math.floor(Math.max(0, now - entry.origin.at) / SECOND) * SECOND;
  const size = entry.paths.length > 0 ? formatSize(sizeOf(entry)) : '-';
  return [harmlessName(entry.workflow), harmlessName(entry.task), formatDuration(age), size, entry.origin.run];
}
