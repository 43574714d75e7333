import type { TaskStatus } from '../../model/reason.ts';
import type { RunResult, TaskResult } from '../../model/run.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { durationText } from './duration-text.ts';
import { outcomeText } from './event-text.ts';
import type { Style } from './style.ts';

/** A run of more tasks lists only those that did not succeed. */
const ALL_LISTED = 40;
/** Lines of the table at most. */
const MOST_LISTED = 50;

/** What a long list begins with. */
const WORST_FIRST: readonly TaskStatus[] = ['failed', 'cancelled', 'skipped', 'success'];

const HEAD: Row = ['TASK', 'STATUS', 'REASON', 'TIME', 'ATTEMPTS'];

type Row = readonly [name: string, status: string, reason: string, time: string, attempts: string];

/** The end of a display: a table of tasks, then one line with the run's status, counts, time and id. */
export function summaryLines(result: RunResult, elapsedMs: number, columns: number, style: Style): string[] {
  const all = Object.values(result.results).flatMap((task): readonly TaskResult[] => task.instances ?? [task]);
  const tasks = all.filter((task) => task.reason !== 'not_selected');
  const left = all.length - tasks.length;
  return ['', ...tableLines(tasks, columns, style), ...closingLines(result, tasks, left, elapsedMs, style)];
}

function tableLines(tasks: readonly TaskResult[], columns: number, style: Style): string[] {
  const wanted = tasks.length > ALL_LISTED ? worstFirst(tasks) : tasks;
  if (wanted.length === 0) return [];
  const listed = wanted.slice(0, MOST_LISTED);
  const rows = listed.map(rowOf);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)));
  const wraps = widths.reduce((sum, width) => sum + width + 2, -2) > columns;
  const lines = rows.map((row, index) => rowText(row, wraps ? [] : widths, listed[index]?.status ?? 'success', style));
  const more = wanted.length > listed.length ? [`and ${wanted.length - listed.length} more`] : [];
  return [...(wraps ? [] : [style.bold(cells(HEAD, widths).join('  '))]), ...lines, ...more, ''];
}

function worstFirst(tasks: readonly TaskResult[]): TaskResult[] {
  const rank = (task: TaskResult): number => WORST_FIRST.indexOf(task.status);
  return tasks.filter((task) => task.status !== 'success').sort((a, b) => rank(a) - rank(b));
}

function rowOf(task: TaskResult): Row {
  const time = task.attempts > 0 ? durationText(task.duration_ms) : '-';
  const reason = task.cached ? 'cached' : harmlessName(task.reason ?? '-');
  return [harmlessName(task.name), task.status, reason, time, String(task.attempts)];
}

function rowText(row: Row, widths: readonly number[], status: TaskStatus, style: Style): string {
  const [name, shownStatus, ...rest] = cells(row, widths);
  return [name, style.status(status)(shownStatus ?? ''), ...rest].join(widths.length > 0 ? '  ' : ' ');
}

/** Pads words on the right and numbers on the left. */
function cells(row: Row, widths: readonly number[]): string[] {
  return row.map((cell, column) =>
    column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
  );
}

function closingLines(
  result: RunResult,
  tasks: readonly TaskResult[],
  left: number,
  elapsedMs: number,
  style: Style,
): string[] {
  const outcome = style.status(result.status)(outcomeText(result.status, result.reason));
  const counts = WORST_FIRST.map((status) => [tasks.filter((task) => task.status === status).length, status] as const)
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${status}`);
  if (left > 0) counts.push(`${left} not selected`);
  return [
    `${outcome} in ${durationText(elapsedMs)}: ${counts.join(', ') || 'no tasks'}`,
    `run ${harmlessName(result.id)}`,
  ];
}
