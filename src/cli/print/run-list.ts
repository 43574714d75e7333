import type { RunList, RunView } from '../../model/api.ts';
import type { RunStatus } from '../../model/reason.ts';
import { durationText } from './duration-text.ts';
import { outcomeText } from './event-text.ts';
import type { Look } from './look.ts';
import type { Paint, Style } from './style.ts';
import { type Column, tableText } from './table.ts';
import { distanceText, timeText } from './time-text.ts';

const COLUMNS: readonly Column[] = [
  { head: 'RUN' },
  { head: 'STATUS' },
  { head: 'TRIGGER', spare: 2 },
  { head: 'CREATED', spare: 3 },
  { head: 'AGE' },
  { head: 'TIME', align: 'right', spare: 1 },
  { head: 'ID', spare: 4 },
];

/** Runs as a table, newest first. */
export function runListText({ runs, more }: RunList, { columns, style, now }: Look): string {
  if (runs.length === 0) return 'no runs\n';
  const rows = runs.map((run) => [
    runName(run),
    { text: outcomeText(run.status, run.reason), paint: statusPaint(run.status, style) },
    triggerText(run),
    timeText(run.created_at),
    distanceText(run.created_at, now),
    lastedText(run, now),
    run.id,
  ]);
  const rest = more ? 'older ones are left out: see --limit, --last and --workflow\n' : '';
  return tableText(COLUMNS, rows, columns, style) + rest;
}

/** How people name a run: `release#7`. */
export function runName({ workflow, number }: Pick<RunView, 'workflow' | 'number'>): string {
  return `${workflow}#${number}`;
}

/** The colour of a status; those of what goes on have none. */
export function statusPaint(status: RunView['status'], style: Style): Paint {
  return isOver(status) ? style.status(status) : style.bold;
}

/** Whether a run with this status has ended. */
export function isOver(status: RunView['status']): status is RunStatus {
  return status !== 'queued' && status !== 'running';
}

/** What fired a run: `github push main`, `cron`. */
export function triggerText({ trigger, initiator }: Pick<RunView, 'trigger' | 'initiator'>): string {
  const { kind, event, branch } = trigger;
  const facts = [kind, event === kind ? '' : event, branch].filter((fact) => fact !== '');
  return initiator === 'rerun' ? `${facts.join(' ')} (rerun)` : facts.join(' ');
}

/** How long a run or task took, or has taken so far. */
export function lastedText(
  { started_at, ended_at }: { readonly started_at: string | null; readonly ended_at: string | null },
  now: number,
): string {
  if (started_at === null) return '-';
  return durationText((ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at));
}
