import type { NextList } from '../../model/api.ts';
import { defineCommand } from '../command.ts';
import { DAEMON_OPTIONS, printAnswer, withDaemon } from '../daemon-command.ts';
import { EXIT_SUCCESS } from '../exit-code.ts';
import type { Look } from '../print/look.ts';
import { type Column, tableText } from '../print/table.ts';
import { distanceText, timeText, zoneName } from '../print/time-text.ts';

/** Times listed of one workflow, and of each when all are asked for. */
const USUAL_COUNTS = { one: 10, each: 1 };

/** `runner next`: says when workflows will fire. */
export const next = defineCommand({
  name: 'next',
  summary: 'List the next times at which a workflow, or each of them, will fire',
  options: {
    count: {
      kind: 'count',
      short: 'n',
      value: 'N',
      description: 'How many times of each',
      fallback: `${USUAL_COUNTS.one} of one workflow, ${USUAL_COUNTS.each} of each`,
    },
    ...DAEMON_OPTIONS,
  },
  operands: { name: 'WORKFLOW', description: 'its id; without one, all workflows', least: 0, most: 1 },
  run: ({ options, operands: [workflow = null] }, io) =>
    withDaemon('next', options, io, async (session) => {
      if (workflow !== null) session.about({ workflow });
      const list = await session.daemon.next(
        workflow,
        options.count ?? (workflow === null ? USUAL_COUNTS.each : USUAL_COUNTS.one),
      );
      await printAnswer(session, list, nextText);
      return EXIT_SUCCESS;
    }),
});

function nextText({ next: times }: NextList, { columns, style, now }: Look): string {
  if (times.length === 0) return 'nothing is scheduled: only schedule and interval triggers know their times\n';
  const heads: Column[] = [
    { head: `WHEN (${zoneName()})` },
    { head: 'IN', spare: 1 },
    { head: 'WORKFLOW' },
    { head: 'KIND', spare: 2 },
    { head: 'NOTE' },
  ];
  const rows = times.map(({ at, workflow, kind, note }) => [
    timeText(at),
    distanceText(at, now).replace(/^in /, ''),
    workflow,
    kind,
    note,
  ]);
  return tableText(heads.slice(0, rows.some((row) => row[4] !== '') ? 5 : 4), rows, columns, style);
}
