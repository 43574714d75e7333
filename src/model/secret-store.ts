/** For whom a secret is: everybody, one workflow, or the workflows of a namespace. */
export type SecretScope = 'global' | `workflow:${string}` | `namespace:${string}`;

/** What may be known of a stored secret: not its value. */
export interface SecretEntry {
  readonly name: string;
  readonly scope: SecretScope;
  /** Patterns of workflow ids, one of which must fit; none at all lets everybody in its scope read it. */
  readonly allow: readonly string[];
  /** ms since the epoch. */
  readonly updatedAt: number;
}

/** The secrets a workflow asked for by name. */
export interface SecretValues {
  readonly values: ReadonlyMap<string, string>;
  /** Names that are stored nowhere this workflow can see. */
  readonly missing: readonly string[];
  /** Names that are stored, with patterns that leave this workflow out. */
  readonly denied: readonly string[];
}

/** The secrets of a daemon. */
export interface SecretStore {
  /** Stores a secret, in place of the one with this name and scope. */
  set(entry: SecretEntry, value: string): Promise<void>;
  /** All secrets by name, then scope. */
  list(): Promise<readonly SecretEntry[]>;
  /** Removes the secret of a scope, or of every scope when that is null. Resolves to how many there were. */
  delete(name: string, scope: SecretScope | null): Promise<number>;
  /** Looks secrets up for a workflow. Of several with one name the narrowest scope decides: workflow, namespace, global. */
  valuesFor(workflow: string, namespace: string, names: readonly string[]): SecretValues;
}

/** A run declares a secret that it cannot have; the message names it and says what to do. */
export class MissingSecret extends Error {}
