import type { Json, JsonObject } from '../model/json.ts';
import type { EventFilterName } from '../util/github-events.ts';
import { listAt, textAt, valueAt } from '../util/json-path.ts';
import { fitsPatterns } from '../util/ref-pattern.ts';
import { type GithubRef, refOf } from './github-ref.ts';

/** GitHub names at most so many commits in the payload of a push. */
export const MOST_COMMITS = 2048;

/** Of a push so many changed files are looked at. */
export const MOST_FILES = 3000;

/** Why an event does not fit the filter of an entry, in a sentence; null when it fits. Never throws, whatever the payload lacks. */
export function whyNot(filter: JsonObject, event: string, payload: JsonObject): string | null {
  const ref = refOf(event, payload);
  return whyNotAction(filter, payload) ?? whyNotRef(filter, ref) ?? whyNotPaths(filter, payload, ref);
}

function patterns(filter: JsonObject, name: EventFilterName): readonly string[] | null {
  const list = filter[name];
  return Array.isArray(list) ? list.map(String) : null;
}

function whyNotAction(filter: JsonObject, payload: Json): string | null {
  const types = patterns(filter, 'types');
  const action = textAt(payload, 'action');
  if (types === null || types.includes(action)) return null;
  return `action ${action || '(none)'} is none of ${types.join(', ')}`;
}

// Filters of branches and of tags are alternatives: one that is given alone leaves the other kind out.
function whyNotRef(filter: JsonObject, ref: GithubRef | null): string | null {
  const branches = { only: patterns(filter, 'branches'), ignore: patterns(filter, 'branches_ignore') };
  const tags = { only: patterns(filter, 'tags'), ignore: patterns(filter, 'tags_ignore') };
  const asked = [branches.only, branches.ignore, tags.only, tags.ignore].some((list) => list !== null);
  if (!asked) return null;
  if (ref === null) return (branches.only ?? tags.only) ? 'the event names no branch or tag' : null;
  const { only, ignore } = ref.kind === 'branch' ? branches : tags;
  const name = `${ref.kind} ${ref.name}`;
  if (only === null && ignore === null) return `${name} is no ${ref.kind === 'branch' ? 'tag' : 'branch'}`;
  if (only !== null && !fitsPatterns(only, ref.name)) return `${name} matches none of ${only.join(', ')}`;
  if (ignore !== null && fitsPatterns(ignore, ref.name)) return `${name} is ignored by ${ignore.join(', ')}`;
  return null;
}

// Paths mean nothing for tags. Where the payload cannot tell all changed files, a push that may fit does.
function whyNotPaths(filter: JsonObject, payload: Json, ref: GithubRef | null): string | null {
  const only = patterns(filter, 'paths');
  const ignore = patterns(filter, 'paths_ignore');
  if ((only === null && ignore === null) || ref?.kind === 'tag') return null;
  const { files, complete } = changedFiles(payload);
  const counts = (file: string): boolean =>
    only === null ? !fitsPatterns(ignore ?? [], file) : fitsPatterns(only, file);
  if (!complete || files.some(counts)) return null;
  if (files.length === 0) return 'the push changed no file';
  if (only !== null) return `no changed file matches ${only.join(', ')}`;
  return `all changed files are ignored by ${ignore?.join(', ')}`;
}

function changedFiles(payload: Json): { readonly files: readonly string[]; readonly complete: boolean } {
  const commits = listAt(payload, 'commits');
  const files = new Set<string>();
  for (const commit of commits) {
    for (const kind of ['added', 'modified', 'removed']) {
      for (const file of listAt(commit, kind)) if (typeof file === 'string' && files.size < MOST_FILES) files.add(file);
    }
  }
  const complete = commits.length < MOST_COMMITS && files.size < MOST_FILES && valueAt(payload, 'forced') !== true;
  return { files: [...files], complete };
}
