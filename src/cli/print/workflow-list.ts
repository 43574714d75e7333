import type { DiagnosticView, WorkflowList, WorkflowState, WorkflowView } from '../../model/api.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import type { Look } from './look.ts';
import { isOver, statusPaint } from './run-list.ts';
import type { Paint, Style } from './style.ts';
import { type Column, tableText } from './table.ts';
import { distanceText } from './time-text.ts';

const COLUMNS: readonly Column[] = [
  { head: 'WORKFLOW' },
  { head: 'STATE' },
  { head: 'NEXT', spare: 1 },
  { head: 'LAST RUN', spare: 2 },
  { head: 'TRIGGERS', spare: 3 },
  { head: 'NAME', spare: 4 },
];

/** Diagnostics shown of one file; `validate` shows them all. */
const MOST_DIAGNOSTICS = 3;

/** Workflows as a table, and below it what is wrong with their files. */
export function workflowListText(list: WorkflowList, { columns, style, now }: Look): string {
  const { workflows, degraded, paused, draining } = list;
  const rows = workflows.map((workflow) => [
    workflow.id,
    { text: stateText(workflow), paint: statePaint(workflow.state, style) },
    nextText(workflow, paused || draining, now),
    lastRunCell(workflow, style, now),
    [...new Set(workflow.triggers.map(({ kind }) => kind))].join(' '),
    workflow.name,
  ]);
  return [
    workflows.length === 0 ? 'no workflows: put a .yml file into the folder of the daemon\n' : '',
    tableText(COLUMNS, rows, columns, style),
    ...workflows.flatMap(problemLines),
    degraded === null ? '' : `\nthe folder of workflows cannot be read: ${harmlessName(degraded)}\n`,
    paused ? '\nthe daemon is paused: nothing new runs until "runner resume"\n' : '',
    draining ? '\nthe daemon is draining: nothing new runs until it is started again\n' : '',
  ].join('');
}

/** What is paused does not fire, whatever its timetable says. */
function nextText({ next_at: next, paused }: WorkflowView, isHeld: boolean, now: number): string {
  return next === null || paused || isHeld ? '-' : distanceText(next, now);
}

function stateText({ state, paused }: WorkflowView): string {
  return paused && state !== 'paused' ? `${state}, paused` : state;
}

function statePaint(state: WorkflowState, style: Style): Paint {
  const colors = { armed: 'success', paused: 'skipped', stale: 'skipped', invalid: 'failed' } as const;
  return style.status(colors[state]);
}

function lastRunCell({ last_run: run }: WorkflowView, style: Style, now: number) {
  if (run === null) return '-';
  const at = isOver(run.status) && run.ended_at !== null ? run.ended_at : run.created_at;
  return { text: `${run.status} ${distanceText(at, now)}`, paint: statusPaint(run.status, style) };
}

function problemLines({ diagnostics }: WorkflowView): string[] {
  const wrong = diagnostics.filter(({ severity }) => severity !== 'info');
  if (wrong.length === 0) return [];
  const left = wrong.length - MOST_DIAGNOSTICS;
  const more = left > 0 ? `and ${left} more: see runner validate ${harmlessName(wrong[0]?.file ?? '')}\n` : '';
  return ['\n', ...wrong.slice(0, MOST_DIAGNOSTICS).map(diagnosticLine), more];
}

function diagnosticLine({ file, line, column, severity, message, code, hint }: DiagnosticView): string {
  const told = harmlessName(`${file}:${line}:${column}: ${severity}: ${message} [${code}]`);
  return hint === null ? `${told}\n` : `${told}\n  hint: ${harmlessName(hint)}\n`;
}
