import type { ResultOrigin, TaskResultText } from '../../model/run.ts';
import type { ResultStore, StoreEntry } from '../../model/store.ts';
import type { Vault } from '../../util/vault.ts';
import type { KeyPart } from './key-part.ts';
import type { SavedPath } from './saved-paths.ts';

/** What is kept of a task's success. */
export interface CacheEntry {
  readonly workflow: string;
  readonly task: string;
  readonly origin: ResultOrigin;
  /** As the file said when it was stored; the file of the reader decides whether it may be used. */
  readonly ttlMs: number | null;
  /** What it depended on; read when it is asked for, since a hit seldom needs it. */
  parts(): readonly KeyPart[];
  readonly outputs: readonly SavedOutput[];
  readonly result: TaskResultText | null;
  readonly paths: readonly SavedPath[];
}

/** An export of the task, with the value it had. */
export interface SavedOutput {
  readonly name: string;
  readonly value: string;
  readonly confidential: boolean;
}

/** The last success of a task, whatever its key was: what the next one is compared with. */
export interface LatestEntry {
  readonly origin: ResultOrigin;
  parts(): readonly KeyPart[];
}

/** Where entries stand: below a scope (whose cache), a workflow, and a task unless tasks share it. No part holds a NUL. */
export interface EntryPlace {
  readonly scope: string;
  readonly workflow: string;
  readonly task: string;
}

/** What the keys of all entries begin with. */
export const ENTRIES = Buffer.from('entry\0');

/** What the keys of all last successes begin with. */
export const LATEST = Buffer.from('latest\0');

/** What the keys of all entries of a workflow begin with. */
export function workflowPrefix(scope: string, workflow: string): Buffer {
  return Buffer.from(['entry', scope, workflow, ''].join('\0'));
}

/** The key of one entry. */
export function entryKey({ scope, workflow, task }: EntryPlace, identity: string): Buffer {
  return Buffer.from(['entry', scope, workflow, task, identity].join('\0'));
}

/** The key of a task's last success. */
export function latestKey({ scope, workflow, task }: EntryPlace): Buffer {
  return Buffer.from(['latest', scope, workflow, task].join('\0'));
}

/** An entry made ready for the store: unreadable there, and of use under its own key only. */
export function sealEntry(
  key: Uint8Array,
  entry: Omit<CacheEntry, 'parts'> | Omit<LatestEntry, 'parts'>,
  parts: readonly KeyPart[],
  vault: Vault,
): StoreEntry {
  const text = `${JSON.stringify({ form: FORM, ...entry })}\n${JSON.stringify(parts)}`;
  return { key, value: vault.seal(Buffer.from(text), key) };
}

/** What the store holds under a key: `absent` when there is nothing, `damaged` when it is not what was stored. */
export async function readEntry<T extends CacheEntry | LatestEntry>(
  store: ResultStore,
  key: Uint8Array,
  vault: Vault,
): Promise<T | 'absent' | 'damaged'> {
  const value = await store.get(key);
  return value === null ? 'absent' : (openEntry<T>({ key, value }, vault) ?? 'damaged');
}

/** An entry as it was stored, or null when it was changed or is of another form. */
export function openEntry<T extends CacheEntry | LatestEntry>({ key, value }: StoreEntry, vault: Vault): T | null {
  const plain = vault.open(value, key);
  if (plain === null) return null;
  // The seal proves that we wrote it.
  const [head = '', parts = ''] = Buffer.from(plain.buffer, plain.byteOffset, plain.length).toString().split('\n');
  const entry = { ...JSON.parse(head), parts: () => JSON.parse(parts) } as T & { readonly form: number };
  return entry.form === FORM ? entry : null;
}

/** Of the shape of what is stored; entries of another are not read. */
const FORM = 1;
