import type { RunCreated, RunDetail } from '../model/api.ts';
import { harmlessName } from '../util/terminal-text.ts';
import { printAnswer } from './daemon-command.ts';
import { EXIT_CANCELLED, EXIT_FAILED, EXIT_SUCCESS, EXIT_TIMED_OUT } from './exit-code.ts';
import { outcomeText } from './print/event-text.ts';
import type { Look } from './print/look.ts';
import { messageLines } from './print/run-detail.ts';
import { isOver, lastedText, runName, statusPaint } from './print/run-list.ts';
import type { Session } from './session.ts';

/** The options of commands that start a run. */
export const SEE_OPTIONS = {
  wait: { kind: 'flag', short: 'w', description: 'Wait for the end of the run, and exit as it ends' },
  follow: { kind: 'flag', short: 'f', description: 'The same, and show it as it goes on' },
} as const;

/** Failed tasks named after waiting. */
const MOST_MESSAGES = 3;

/** Tells of a run that was made, and sees it to its end where that is wanted. Resolves with the exit code. */
export async function seeRun(
  session: Session,
  { id, number, status }: RunCreated,
  workflow: string,
  wishes: { readonly wait: boolean; readonly follow: boolean },
): Promise<number> {
  const told = `${harmlessName(`${runName({ workflow, number })} is ${status}: ${id}`)}\n`;
  if (!wishes.wait && !wishes.follow) {
    await printAnswer(session, { id, number, status }, () => told);
    return EXIT_SUCCESS;
  }
  if (wishes.follow) return follow(session, id);
  if (!session.json) await session.io.stdout.write(told);
  return waitFor(session, id, Number.POSITIVE_INFINITY);
}

/** Waits for the end of a run, and tells how it ended. */
export async function waitFor(session: Session, id: string, timeoutMs: number): Promise<number> {
  tellWhenLeft(session, id);
  const { waitForEnd } = await import('./wait-for-run.ts');
  const run = await waitForEnd(session, id, timeoutMs);
  await printAnswer(session, createdOf(run), (_answer, look) => endText(run, look));
  return isOver(run.status) ? exitCodeOf(run) : EXIT_TIMED_OUT;
}

async function follow(session: Session, id: string): Promise<number> {
  tellWhenLeft(session, id);
  const { showRun } = await import('./follow/show-run.ts');
  const run = await showRun(session, id, session.json ? session.io.stderr : session.io.stdout);
  if (session.json) await printAnswer(session, createdOf(run), () => '');
  return exitCodeOf(run);
}

function tellWhenLeft(session: Session, id: string): void {
  session.onLeave(`no longer waiting; the run goes on. See it with: runner logs ${id} --follow`);
}

function createdOf({ id, number, status }: RunDetail): RunCreated {
  return { id, number, status };
}

function endText(run: RunDetail, { style, now }: Look): string {
  const name = harmlessName(runName(run));
  if (!isOver(run.status)) return `${name} goes on: ${run.status} since ${lastedText(run, now)}\n`;
  const outcome = harmlessName(outcomeText(run.status, run.reason));
  const lasted = run.started_at === null ? ' before it began' : ` in ${lastedText(run, now)}`;
  const told = run.status === 'failed' ? failureText(run) : '';
  return `${name}: ${statusPaint(run.status, style)(outcome)}${lasted}\n${told}`;
}

/** What failed, shortly, and where to look. */
function failureText(run: RunDetail): string {
  const failed = run.tasks.filter(({ status }) => status === 'failed');
  const lines = messageLines({ tasks: failed });
  const left = lines.length - MOST_MESSAGES;
  const more = left > 0 ? [`and ${left} more`] : [];
  const shown = [...lines.slice(0, MOST_MESSAGES), ...more, `see it with: runner show ${run.id}`];
  return shown.map((line) => `  ${harmlessName(line)}\n`).join('');
}

function exitCodeOf({ status }: RunDetail): number {
  if (status === 'cancelled') return EXIT_CANCELLED;
  return status === 'success' ? EXIT_SUCCESS : EXIT_FAILED;
}
