import type { GithubEntry, IntervalEntry, ScheduleEntry, Triggers } from '../../generated/workflow-file.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { TriggerEntry } from '../../model/workflow.ts';
import { canonicalJson } from '../../util/canonical-json.ts';
import { parseDuration } from '../../util/duration.ts';
import { sha256 } from '../../util/sha256.ts';
import { eventNames } from '../checks/github-events.ts';

/** The triggers of a file with their defaults filled in. `plugins` are the kinds that plugins bring. */
export function buildTriggers(on: Triggers | undefined, plugins: Iterable<string>): TriggerEntry[] {
  return [
    ...(on?.schedule ?? []).map((entry) => build('cron', entry, cronSpec(entry))),
    ...(on?.interval ?? []).map((entry) => build('interval', entry, intervalSpec(entry))),
    ...(on?.github ?? []).map((entry) => build('github', entry, githubSpec(entry))),
    ...[...plugins].flatMap((kind) => pluginEntries(on, kind).map((entry) => build(kind, entry, entry))),
  ];
}

function pluginEntries(on: Triggers | undefined, kind: string): readonly JsonObject[] {
  const entries = ((on ?? {}) as Readonly<Record<string, Json>>)[kind];
  return Array.isArray(entries) ? entries.filter(isJsonObject) : [];
}

// The hash is of the entry as written: a new default in a later version does not make it another trigger.
function build(kind: string, written: object, spec: JsonObject): TriggerEntry {
  return { kind, identity: `${kind}-${sha256(canonicalJson(written)).slice(0, 16)}`, spec };
}

function cronSpec(entry: ScheduleEntry): JsonObject {
  return {
    cron: entry.cron,
    timezone: entry.timezone ?? null,
    missed: entry.missed ?? 'skip',
    overlap: entry.overlap ?? 'skip',
  };
}

function intervalSpec(entry: IntervalEntry): JsonObject {
  return { every_ms: parseDuration(entry.every) ?? 0, overlap: entry.overlap ?? 'skip' };
}

function githubSpec(entry: GithubEntry): JsonObject {
  const events = eventNames(entry).map((name) => [name, (entry[name] ?? {}) as JsonObject] as const);
  return {
    repositories: entry.repositories,
    allow_forks: entry.allow_forks ?? false,
    events: Object.fromEntries(events),
  };
}
