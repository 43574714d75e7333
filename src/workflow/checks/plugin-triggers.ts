import { isJsonObject, type Json } from '../../model/json.ts';
import type { CheckedFile } from './check.ts';
import { judgeSpec } from './judge-spec.ts';

/** Most entries of one kind. */
const MOST_ENTRIES = 100;

/** Entries of triggers that plugins bring are what those want. */
export function checkPluginTriggers(file: CheckedFile): void {
  const on = (file.data.on ?? {}) as Readonly<Record<string, Json>>;
  for (const [kind, type] of file.triggers) {
    const entries = on[kind];
    if (entries === undefined) continue;
    if (!isList(entries) || entries.length === 0 || entries.length > MOST_ENTRIES) {
      const message = `"${kind}" must be a list of 1 to ${MOST_ENTRIES} entries`;
      file.reporter.error('wrong-type', file.at('on', kind), message);
      continue;
    }
    for (const [position, entry] of entries.entries()) {
      const path = ['on', kind, position];
      if (isJsonObject(entry)) judgeSpec(file, path, type, entry, `an entry of ${kind}`);
      else file.reporter.error('wrong-type', file.at(...path), `an entry of "${kind}" must be a mapping`);
    }
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
