import type { TaskEntry } from '../../generated/workflow-file.ts';
import { nearest } from '../../util/nearest.ts';

/** Where a template stands, which decides what it may read. */
export type Scope =
  | { readonly kind: 'task'; readonly index: number; readonly task: TaskEntry }
  | { readonly kind: 'defaults' | 'env' | 'concurrency' | 'notify' };

/** A reference that cannot be resolved. */
export interface BadReference {
  readonly code: 'unknown-reference' | 'missing-import' | 'unknown-export' | 'list-as-text' | 'not-yet';
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Something is read that does not exist. */
export function unknown(message: string, hint?: string): BadReference {
  return { code: 'unknown-reference', message, hint };
}

/** The end of a message about a name: a question, when another name is near. */
export function question(name: string, known: Iterable<string>): string {
  const guess = nearest(name, known);
  return guess === undefined ? '' : `; did you mean "${guess}"?`;
}

/** The first `depth` steps of a path lead to a single value, and it goes on. */
export function tooDeep(path: readonly string[], depth: number): BadReference {
  return unknown(`"${path.slice(0, depth).join('.')}" is a single value and has no "${path[depth]}"`);
}
