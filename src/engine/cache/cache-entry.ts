import type { ResultOrigin, TaskResultText } from '../../model/run.ts';
import type { StoreEntry } from '../../model/store.ts';
import type { Vault } from '../../util/vault.ts';
import type { KeyPart } from './key-part.ts';
import type { SavedPath } from './saved-paths.ts';

/** What is kept of a task's success, apart from what that depended on. */
export interface CacheRecord {
  readonly workflow: string;
  readonly task: string;
  readonly origin: ResultOrigin;
  /** As the file said when it was stored; the file of the reader decides whether it may be used. */
  readonly ttlMs: number | null;
  readonly outputs: readonly SavedOutput[];
  readonly result: TaskResultText | null;
  readonly paths: readonly SavedPath[];
}

/** A record as it is read from the store. */
export interface CacheEntry extends CacheRecord {
  /** What it depended on; read when it is asked for, since a hit seldom needs it. */
  parts(): readonly KeyPart[];
}

/** An export of the task, with the value it had. */
export interface SavedOutput {
  readonly name: string;
  readonly value: string;
  readonly confidential: boolean;
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

/** The key of one entry. */
export function entryKey({ scope, workflow, task }: EntryPlace, identity: string): Buffer {
  return Buffer.from(['entry', scope, workflow, task, identity].join('\0'));
}

/** The key of a task's last success, which holds a copy of its entry. */
export function latestKey({ scope, workflow, task }: EntryPlace): Buffer {
  return Buffer.from(['latest', scope, workflow, task].join('\0'));
}

/** What the keys of the last successes of a workflow begin with. */
export function latestPrefix(scope: string, workflow: string): Buffer {
  return Buffer.from(['latest', scope, workflow, ''].join('\0'));
}

/** An entry made ready for the store: unreadable there, and of use under its own key only. */
export function sealEntry(key: Uint8Array, record: CacheRecord, parts: readonly KeyPart[], vault: Vault): StoreEntry {
  const text = `${JSON.stringify({ form: FORM, ...record })}\n${JSON.stringify(parts)}`;
  return { key, value: vault.seal(Buffer.from(text), key) };
}

/** An entry as it was stored, or null when it was changed or is of another form. */
export function openEntry({ key, value }: StoreEntry, vault: Vault): CacheEntry | null {
  const plain = vault.open(value, key);
  if (plain === null) return null;
  // The seal proves that we wrote it.
  const [head = '', parts = ''] = Buffer.from(plain.buffer, plain.byteOffset, plain.length).toString().split('\n');
  const { form, ...record } = JSON.parse(head) as CacheRecord & { readonly form: number };
  return form === FORM ? { ...record, parts: () => JSON.parse(parts) } : null;
}

/** Of the shape of what is stored; entries of another are not read. */
const FORM = 1;

/** The value of a last success: the entry's key, with its length before it, and its value. */
export function packEntry({ key, value }: StoreEntry): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(key.length);
  return Buffer.concat([length, key, value]);
}

/** The entry in the value of a last success. A value that was changed gives one that cannot be opened. */
export function unpackEntry(packed: Uint8Array): StoreEntry {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  const end = bytes.length < 4 ? 0 : 4 + bytes.readUInt32BE(0);
  return { key: bytes.subarray(4, end), value: bytes.subarray(end) };
}
