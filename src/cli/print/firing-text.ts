import type { FiringList, FiringView } from '../../model/api.ts';
import type { SkipCause } from '../../model/firing.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { countOf } from './count-of.ts';
import type { Look } from './look.ts';
import { momentText, timeText } from './time-text.ts';

/** Why nothing was started, where the record has no words of its own. */
const CAUSES: Readonly<Record<SkipCause, string>> = {
  overlap: 'an earlier run was not over',
  missed: 'the daemon was down, or the machine asleep, when it was due',
  paused: 'it was paused, or the daemon was paused or stopping',
  filtered: 'the event does not fit the filters of the trigger',
  duplicate: 'the same occasion had been decided before',
  invalid: 'the workflow, its inputs or its secrets were not in order',
  limit: 'as many runs were waiting as may',
  'disk-full': 'the disk was nearly full',
};

/** Decisions of the triggers of a workflow, one paragraph each, in sentences, with jumps of the clock between them. */
export function firingsText({ firings, clock_jumps: jumps, more }: FiringList, look: Look): string {
  const told = [
    ...firings.map((firing) => ({ at: firing.at, text: firingText(firing, look) })),
    ...jumps.map((jump) => ({
      at: jump.at,
      text: `${momentText(jump.at, look.now)}: ${harmlessName(jump.message)}\n`,
    })),
  ];
  const rest = more ? 'earlier ones are left out: see --limit and --at\n' : '';
  // ISO times are in the order of their letters.
  const inOrder = told.toSorted((a, b) => (a.at < b.at ? 1 : Number(a.at > b.at) * -1));
  return inOrder.map(({ text }) => text).join('') + rest;
}

function firingText(firing: FiringView, { style, now }: Look): string {
  const isFired = firing.decision === 'fired';
  const verdict = style.status(isFired ? 'success' : 'skipped')(isFired ? 'started' : 'started nothing');
  const head = `${momentText(firing.at, now)}: ${harmlessName(occasionText(firing))} ${verdict}`;
  const why = isFired ? firedText(firing) : skippedText(firing);
  return `${head}${isFired ? ' ' : ': '}${harmlessName(why)}\n`;
}

function occasionText({ kind, due_at: dueAt, initiator, count }: FiringView): string {
  if (dueAt === null) return kind === initiator || initiator === '' ? kind : `${kind} (${initiator})`;
  const stands = count > 1 ? `, the last of ${countOf(count, 'time')} that were due` : '';
  return `${kind}, due ${timeText(dueAt)}${stands},`;
}

function firedText({ message, ...firing }: FiringView): string {
  const name = nameOfRun(firing);
  return `${name ?? 'a run'}${message === '' ? '' : `: ${message}`}`;
}

function skippedText({ reason, message, ...firing }: FiringView): string {
  const cause = message || CAUSES[reason as SkipCause] || 'no reason is known';
  const name = nameOfRun(firing);
  return `${cause}${name === null ? '' : ` (${name})`}${reason === null ? '' : ` [${reason}]`}`;
}

/** A run that is forgotten has but its id. */
function nameOfRun({ run, run_name: name }: Pick<FiringView, 'run' | 'run_name'>): string | null {
  return name ?? (run === null ? null : `run ${run}`);
}
