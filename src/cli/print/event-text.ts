import type { EventOf, RunEvent } from '../../model/event.ts';
import type { TaskEnd } from '../../model/run.ts';
import { harmlessName } from '../../util/terminal-text.ts';
import { durationText } from './duration-text.ts';
import type { OpenTask } from './run-tally.ts';
import type { Style } from './style.ts';

/** The task as it was before an event, when it had begun. */
type Before = OpenTask | undefined;

/** The remarks of a display on one event of a task, one a line; none where an event is not worth a line. */
export function taskEventText(event: RunEvent, before: Before, style: Style): readonly string[] {
  switch (event.type) {
    case 'task-starting':
      return [event.attempt === 1 ? 'started' : `started, attempt ${event.attempt}`];
    case 'task-phase':
      // Of how far it is, the first word is worth a line; the rest is for who looks.
      return event.message === undefined || before?.message ? [] : [harmlessName(event.message)];
    case 'task-retrying':
      return [retryText(event, style)];
    case 'task-ended':
      // What `--only` left out was not asked about.
      if (event.end.status === 'skipped' && event.end.reason === 'not_selected') return [];
      return [endText(event, before, style), ...notesOf(event.end)];
    case 'cancel-requested':
      return [`cancelling (${event.reason})`];
    default:
      return [];
  }
}

/** A status with the reason for it, `failed (exit_code)`. */
export function outcomeText(status: string, reason: string | null): string {
  return reason === null ? status : `${status} (${harmlessName(reason)})`;
}

function retryText(event: EventOf<'task-retrying'>, style: Style): string {
  const outcome = style.status('failed')(outcomeText('failed', event.reason));
  const wait = durationText(event.retryAt - event.at);
  return `attempt ${event.attempt} ${outcome}${explained(event.message)}; next in ${wait}`;
}

function endText(event: EventOf<'task-ended'>, before: Before, style: Style): string {
  const { end } = event;
  const outcome = style.status(end.status)(outcomeText(end.status, 'reason' in end ? end.reason : null));
  if (end.status === 'success' && end.cached) return `${outcome} from the cache`;
  const lasted = before ? ` in ${durationText(event.at - before.firstStart)}` : '';
  const attempt = before && before.attempt > 1 ? `, attempt ${before.attempt}` : '';
  return `${outcome}${lasted}${attempt}${'message' in end ? explained(end.message) : ''}`;
}

function explained(message: string): string {
  return message === '' ? '' : `: ${harmlessName(message)}`;
}

function notesOf(end: TaskEnd): string[] {
  return ('notes' in end && end.notes ? end.notes : []).map((note) => `note: ${harmlessName(note)}`);
}
