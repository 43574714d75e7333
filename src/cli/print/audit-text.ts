import type { AuditList } from '../../model/api.ts';
import type { Look } from './look.ts';
import { type Column, tableText } from './table.ts';
import { distanceText, timeText } from './time-text.ts';

const COLUMNS: readonly Column[] = [
  { head: 'TIME' },
  { head: 'AGE', spare: 1 },
  { head: 'WHO' },
  { head: 'FROM' },
  { head: 'ACTION' },
  { head: 'SUBJECT' },
];

/** The audit trail as a table, newest first. */
export function auditText({ audits, more }: AuditList, { columns, style, now }: Look): string {
  if (audits.length === 0) return 'nobody did anything\n';
  const rows = audits.map(({ at, actor, from, action, subject }) => [
    timeText(at),
    distanceText(at, now),
    actor,
    from,
    action,
    subject,
  ]);
  const rest = more ? 'older lines are left out: see --limit and --since\n' : '';
  return tableText(COLUMNS, rows, columns, style) + rest;
}
