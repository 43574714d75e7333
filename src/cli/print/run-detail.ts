import type { RunDetail, TaskView } from '../../model/api.ts';
import type { TaskStatus } from '../../model/reason.ts';
import type { TaskResult } from '../../model/run.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { outcomeText } from './event-text.ts';
import { factLines } from './facts.ts';
import type { Look } from './look.ts';
import { lastedText, runName, statusPaint, triggerText } from './run-list.ts';
import type { Paint, Style } from './style.ts';
import { type Column, tableText } from './table.ts';
import { momentText } from './time-text.ts';

const COLUMNS: readonly Column[] = [
  { head: 'TASK' },
  { head: 'STATUS' },
  { head: 'TIME', align: 'right', spare: 1 },
  { head: 'ATTEMPTS', align: 'right', spare: 2 },
  { head: 'NEEDS', spare: 3 },
];

/** A run in full: its facts, its tasks, what went wrong, what came out. */
export function runDetailText(run: RunDetail, look: Look): string {
  const { columns, style, now } = look;
  const rows = run.tasks.map((task) => [
    task.name,
    { text: taskOutcome(task), paint: taskPaint(task.status, style) },
    lastedText(task, now),
    String(task.attempt),
    needsText(task),
  ]);
  return [
    `${style.bold(harmlessName(runName(run)))}  ${statusPaint(run.status, style)(outcomeText(run.status, run.reason))}\n`,
    factLines(factsOf(run, now)),
    rows.length > 0 ? '\n' : '',
    tableText(COLUMNS, rows, columns, style),
    ...section(messageLines(run)),
    ...section(Object.values(run.results).flatMap(outputLines)),
  ].join('');
}

/** A matrix task waits for its combinations, which stand above it: their number will do. */
function needsText({ name, needs }: TaskView): string {
  const others = needs.filter((need) => !need.startsWith(`${name}(`));
  const own = needs.length - others.length;
  return [...others, ...(own > 0 ? [`${own} combination${own === 1 ? '' : 's'}`] : [])].join(', ');
}

/** Where a task stands, or how it ended. */
export function taskOutcome({ phase, status, reason }: TaskView): string {
  return status === null ? phase : outcomeText(status, reason);
}

/** The colour of that. */
export function taskPaint(status: string | null, style: Style): Paint {
  return status === null ? style.bold : style.status(status as TaskStatus);
}

function factsOf(run: RunDetail, now: number): [string, string][] {
  return [
    ['id', run.id],
    ['trigger', triggerText(run)],
    ['asked by', askedBy(run)],
    ['rerun of', run.rerun_of ?? ''],
    ['called by', run.parent ? `task ${run.parent.task} of run ${run.parent.run}` : ''],
    ['created', momentText(run.created_at, now)],
    ['waits for', run.waits_for ?? ''],
    ['started', run.started_at === null ? '' : momentText(run.started_at, now)],
    ['ended', run.ended_at === null ? '' : momentText(run.ended_at, now)],
    ['time', lastedText(run, now)],
    ['file', run.definition.file],
    [
      'inputs',
      Object.entries(run.inputs)
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
    ],
  ];
}

/** Where the wish came from. A schedule stands as the trigger already, a rerun in a line of its own. */
function askedBy({ initiator, trigger: { sender } }: RunDetail): string {
  if (initiator === 'schedule' || initiator === 'rerun') return '';
  return sender === '' ? initiator : `${initiator} (${sender})`;
}

/** What tasks have to say; that a cancelled one was cancelled is in the table. */
export function messageLines({ tasks }: Pick<RunDetail, 'tasks'>): string[] {
  const told = tasks.filter(({ message, status }) => message && message !== status);
  return told.map(({ name, message }) => `${name}: ${message}`);
}

function section(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['\n', ...lines.map((line) => `${harmlessName(line)}\n`)];
}

function outputLines({ name, outputs }: TaskResult): string[] {
  return Object.entries(outputs).map(
    ([key, value]) => `${name}.${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}
