import type { Diagnostic } from '../model/diagnostic.ts';
import type { Workflow } from '../model/workflow.ts';

/** `good`: the file as it is. `stale`: the file cannot be used, the last good version stands. `invalid`: there is none. */
export type CatalogState = 'good' | 'stale' | 'invalid';

/** One workflow of the folder. */
export interface CatalogEntry {
  /** The path below the folder without extension, `ops/backup`. */
  readonly id: string;
  /** The file it comes from, as shown in messages. */
  readonly file: string;
  readonly state: CatalogState;
  /** The last good version; null when there never was one. Its text is `workflow.source.text`. */
  readonly workflow: Workflow | null;
  /** About the file as it is now. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What a rescan found to be different. `degraded` tells why the folder cannot be read in whole; null when it can again. */
export type CatalogChange =
  | {
      readonly kind: 'changed';
      readonly id: string;
      readonly previous: CatalogEntry | null;
      readonly current: CatalogEntry;
    }
  | { readonly kind: 'removed'; readonly id: string; readonly previous: CatalogEntry }
  | { readonly kind: 'degraded'; readonly reason: string | null };

/** What is known about one file: the plan it holds, or null, and all that is to be said about it. */
export interface Verdict {
  /** As shown in messages. */
  readonly file: string;
  readonly workflow: Workflow | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The entry of an id, from its files as they are now and from what it was. `complaints` are about the files' names. */
export function nextEntry(
  id: string,
  verdicts: readonly Verdict[],
  complaints: readonly Diagnostic[],
  previous: CatalogEntry | null,
): CatalogEntry {
  const [first] = verdicts;
  if (first === undefined) throw new Error(`Internal error: the workflow ${id} has no file`);
  const diagnostics = [...complaints, ...verdicts.flatMap((verdict) => verdict.diagnostics)];
  const usable = complaints.length === 0 && verdicts.length === 1 ? first.workflow : null;
  if (usable !== null) return { id, file: first.file, state: 'good', workflow: usable, diagnostics };
  const workflow = previous?.workflow ?? null;
  return { id, file: first.file, state: workflow === null ? 'invalid' : 'stale', workflow, diagnostics };
}

/** Whether two entries say the same, whenever they were made. */
export function isSameEntry(one: CatalogEntry, other: CatalogEntry): boolean {
  return (
    one.workflow === other.workflow &&
    one.state === other.state &&
    one.file === other.file &&
    JSON.stringify(one.diagnostics) === JSON.stringify(other.diagnostics)
  );
}
