import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventOf, RunEvent } from '../../model/event.ts';
import type { ResultOrigin } from '../../model/run.ts';
import { harmlessName } from '../../util/terminal-text.ts';

/** What the cache did for one task of one run. */
export interface CachedTask {
  readonly run: string;
  readonly task: string;
  readonly status: string;
  readonly cached: boolean;
  readonly origin: ResultOrigin | null;
  /** What the cache remarked: why it missed, or did not store. */
  readonly notes: readonly string[];
}

const PREFIX = 'cache: ';

/** Finds a task in the record of a run; `run` is an id, the beginning of one, or `last`. Returns what is wrong as text. */
export function cachedTask(stateDir: string, run: string, task: string): CachedTask | string {
  const runs = join(stateDir, 'runs');
  const id = findRun(runs, run);
  if (id.length !== 1)
    return id.length === 0 ? `there is no run "${run}" in ${runs}` : `"${run}" fits ${id.length} runs`;
  const [found = ''] = id;
  const ends = readEnds(join(runs, found, 'events.ndjson'));
  const end = ends.find((event) => event.task === task)?.end;
  if (!end)
    return `run ${found} has no end of a task "${task}"; tasks are: ${ends.map((event) => event.task).join(', ')}`;
  const notes = ('notes' in end && end.notes ? end.notes : []).filter((note) => note.startsWith(PREFIX));
  const cached = end.status === 'success' && end.cached;
  const origin = (end.status === 'success' && end.origin) || null;
  return {
    run: found,
    task,
    status: end.status,
    cached,
    origin,
    notes: notes.map((note) => note.slice(PREFIX.length)),
  };
}

/** The same for people. */
export function explainText({ task, status, cached, origin, notes }: CachedTask): string {
  const lines = notes.map((note) => `${task}: ${harmlessName(note)}`);
  if (cached && origin) lines.unshift(`${task}: hit; stored ${new Date(origin.at).toISOString()} by run ${origin.run}`);
  if (lines.length === 0) lines.push(`${task}: the cache was not asked; the task was ${status}`);
  return `${lines.join('\n')}\n`;
}

function findRun(runs: string, wanted: string): readonly string[] {
  const ids = readdirSync(runs).sort();
  return wanted === 'last' ? ids.slice(-1) : ids.filter((id) => id.startsWith(wanted));
}

function readEnds(path: string): readonly EventOf<'task-ended'>[] {
  const events = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
  return events.flatMap((event) => (event.type === 'task-ended' ? [event] : []));
}
