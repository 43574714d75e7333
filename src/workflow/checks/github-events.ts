import type { EventFilter, GithubEntry } from '../../generated/workflow-file.ts';
import { type EventFilterName, GITHUB_EVENTS, type GithubEvent } from '../../util/github-events.ts';
import { nearest } from '../../util/nearest.ts';
import type { Path } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

/** GitHub triggers name events that exist, with filters that mean something for them. */
export function checkGithubEvents(file: CheckedFile): void {
  for (const [position, entry] of (file.data.on?.github ?? []).entries()) {
    const path = ['on', 'github', position];
    const names = eventNames(entry);
    if (names.length === 0 && !wasAnyDropped(file, path)) {
      const hint = 'for example `push: { branches: [main] }`';
      file.reporter.error('missing-key', file.keyAt(...path, 'repositories'), 'this trigger names no event', { hint });
    }
    for (const name of names) checkEvent(file, [...path, name], name, entry[name] as EventFilter);
  }
}

/** The events an entry under `on: github` names. */
export function eventNames(entry: GithubEntry): string[] {
  return Object.keys(entry).filter((key) => key !== 'repositories' && key !== 'allow_forks');
}

function wasAnyDropped(file: CheckedFile, path: Path): boolean {
  const node = file.node(...path);
  return node?.kind === 'map' && node.dropped.size > 0;
}

function checkEvent(file: CheckedFile, path: Path, name: string, filter: EventFilter): void {
  const event = GITHUB_EVENTS.get(name);
  if (event === undefined) {
    const guess = nearest(name, GITHUB_EVENTS.keys());
    const message = `GitHub has no event "${name}"${guess ? `; did you mean "${guess}"?` : ''}`;
    file.reporter.error('unknown-event', file.keyAt(...path), message);
    return;
  }
  const given = Object.keys(filter ?? {}) as EventFilterName[];
  for (const key of given) if (!event.filters.includes(key)) reportFilter(file, [...path, key], name, event);
  for (const key of given) {
    if (key.endsWith('_ignore') || !given.includes(`${key}_ignore` as EventFilterName)) continue;
    const message = `"${key}" and "${key}_ignore" exclude each other`;
    file.reporter.error('bad-filter', file.keyAt(...path, `${key}_ignore`), message, {
      hint: `in "${key}" a leading ! takes a pattern out again`,
    });
  }
  for (const key of given) checkPatterns(file, [...path, key], key, filter?.[key] ?? []);
  if (event.filters.includes('types')) checkActions(file, [...path, 'types'], name, event, filter?.types ?? []);
}

// Each pattern that takes out needs one before it that takes in.
function checkPatterns(file: CheckedFile, path: Path, key: EventFilterName, patterns: readonly string[]): void {
  const onlyOut = patterns.length > 0 && patterns.every((pattern) => pattern.startsWith('!'));
  if (key === 'types' || !onlyOut) return;
  const hint = key.endsWith('_ignore') ? 'write the patterns without !' : `begin with "**", or use "${key}_ignore"`;
  file.reporter.error('bad-filter', file.at(...path), `"${key}" only takes out, so nothing matches it`, { hint });
}

function reportFilter(file: CheckedFile, path: Path, name: string, event: GithubEvent): void {
  const known = event.filters.length > 0 ? `it knows ${event.filters.join(', ')}` : 'it knows no filters';
  const key = String(path.at(-1));
  const hint = key.startsWith('paths') ? `only a push tells which files changed; ${known}` : known;
  file.reporter.error('bad-filter', file.keyAt(...path), `the event "${name}" cannot be filtered by "${key}"`, {
    hint,
  });
}

// GitHub adds actions from time to time, so one we do not know is only suspicious.
function checkActions(
  file: CheckedFile,
  path: Path,
  name: string,
  { actions }: GithubEvent,
  types: readonly string[],
): void {
  for (const [position, type] of types.entries()) {
    if (actions === null || actions.includes(type)) continue;
    const guess = nearest(type, actions);
    const message = `the event "${name}" has no action "${type}" that we know${guess ? `; did you mean "${guess}"?` : ''}`;
    file.reporter.warning('unknown-action', file.at(...path, position), message, {
      hint: `known are ${actions.join(', ')}`,
    });
  }
}
