import type { TaskDetail } from '../../model/api.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { factLines } from './facts.ts';
import type { Look } from './look.ts';
import { taskOutcome, taskPaint } from './run-detail.ts';
import { lastedText } from './run-list.ts';
import { type Column, tableText } from './table.ts';
import { momentText } from './time-text.ts';

const COLUMNS: readonly Column[] = [{ head: 'VARIABLE' }, { head: 'SOURCE' }, { head: 'VALUE' }];

/** A task of a run in full, with the environment it got. */
export function taskDetailText(task: TaskDetail, look: Look): string {
  const { columns, style } = look;
  const rows = (task.environment ?? []).map(({ name, source, value }) => [name, source, value]);
  const environment = rows.length > 0 ? `\n${tableText(COLUMNS, rows, columns, style)}` : '';
  return [
    `${style.bold(harmlessName(task.name))}  ${taskPaint(task.status, style)(taskOutcome(task))}\n`,
    factLines(factsOf(task, look.now)),
    task.environment === null && task.attempt > 0 ? '\nits environment cannot be told any more\n' : environment,
  ].join('');
}

function factsOf(task: TaskDetail, now: number): [string, string][] {
  const { result } = task;
  return [
    ['run', task.run],
    ['type', task.type],
    ['needs', task.needs.join(', ')],
    ['message', task.message ?? ''],
    ['exit code', typeof result?.exit_code === 'number' ? String(result.exit_code) : ''],
    ['attempts', String(task.attempt)],
    ['started', task.started_at === null ? '' : momentText(task.started_at, now)],
    ['ended', task.ended_at === null ? '' : momentText(task.ended_at, now)],
    ['time', lastedText(task, now)],
    ['cached', result?.cached ? 'yes' : ''],
    ...(result?.notes ?? []).map((note): [string, string] => ['note', note]),
    ...Object.entries(result?.outputs ?? {}).map(([name, value]): [string, string] => [
      `export ${name}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
    ['logs', task.logs.length === 0 ? '' : `attempts ${task.logs.join(', ')}: see runner logs`],
  ];
}
