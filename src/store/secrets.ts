import type { Database } from '../model/database.ts';
import type { SecretEntry, SecretScope, SecretStore, SecretValues } from '../model/secret-store.ts';
import { globMatches } from '../util/glob.ts';
import type { Vault } from '../util/vault.ts';
import { KEYS, prefixOf } from './keys.ts';

/** What stands under the key of a secret: its value sealed once more, so that nothing but `valuesFor` has it in clear. */
interface StoredSecret extends SecretEntry {
  readonly sealed: string;
}

/** Secrets in a database. Values are sealed with the first vault and opened with any: the others are from before a `rekey`. */
export class DatabaseSecrets implements SecretStore {
  readonly #database: Database;
  #vaults: readonly Vault[];

  constructor(database: Database, vaults: readonly [Vault, ...Vault[]]) {
    this.#database = database;
    this.#vaults = vaults;
  }

  async set(entry: SecretEntry, value: string): Promise<void> {
    await this.#database.commit([this.#sealed(entry, value)]);
  }

  async list(): Promise<readonly SecretEntry[]> {
    const secrets = await this.#all(prefixOf('secret'));
    return secrets.map(({ sealed: _, ...entry }) => entry);
  }

  async delete(name: string, scope: SecretScope | null): Promise<number> {
    const found = (await this.#all(prefixOf('secret', name))).filter(
      (entry) => scope === null || entry.scope === scope,
    );
    await this.#database.commit(found.map((entry) => ({ key: KEYS.secret(name, entry.scope), value: null })));
    return found.length;
  }

  valuesFor(workflow: string, namespace: string, names: readonly string[]): SecretValues {
    const values = new Map<string, string>();
    const missing: string[] = [];
    const denied: string[] = [];
    for (const name of new Set(names)) {
      const secret = this.#narrowest(name, workflow, namespace);
      if (!secret) missing.push(name);
      else if (!mayRead(secret, workflow)) denied.push(name);
      else values.set(name, this.#open(secret));
    }
    return { values, missing, denied };
  }

  /**
   * Seals every value with another vault, all or none; what is set meanwhile is sealed with it too. Both vaults are needed until
   * this has resolved, also after a failure. Resolves to how many values there are.
   */
  async rekey(vault: Vault): Promise<number> {
    const before = this.#vaults;
    this.#vaults = [vault, ...before];
    try {
      // Lists hold what is durable: wait for what is on its way.
      await this.#database.commit([]);
      const keys = (await this.#all(prefixOf('secret'))).map(({ name, scope }) => KEYS.secret(name, scope));
      const secrets = keys.map((key) => this.#get(key)).filter((secret) => secret !== undefined);
      await this.#database.commit(secrets.map((secret) => this.#sealed(secret, this.#open(secret))));
      return secrets.length;
    } catch (error) {
      this.#vaults = [...before, vault];
      throw error;
    }
  }

  #narrowest(name: string, workflow: string, namespace: string): StoredSecret | undefined {
    const scopes: SecretScope[] = [`workflow:${workflow}`, `namespace:${namespace}`, 'global'];
    for (const scope of scopes) {
      const secret = this.#get(KEYS.secret(name, scope));
      if (secret) return secret;
    }
    return undefined;
  }

  #get(key: string): StoredSecret | undefined {
    const text = this.#database.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as StoredSecret);
  }

  #sealed({ name, scope, allow, updatedAt }: SecretEntry, value: string): { key: string; value: string } {
    const vault = this.#vaults[0];
    if (!vault) throw new Error('Internal error: secrets without a vault');
    const key = KEYS.secret(name, scope);
    const sealed = Buffer.from(vault.seal(Buffer.from(value), labelOf(key))).toString('base64');
    return { key, value: JSON.stringify({ name, scope, allow, updatedAt, sealed } satisfies StoredSecret) };
  }

  #open({ name, scope, sealed }: StoredSecret): string {
    const label = labelOf(KEYS.secret(name, scope));
    for (const vault of this.#vaults) {
      const plain = vault.open(Buffer.from(sealed, 'base64'), label);
      if (plain) return Buffer.from(plain).toString();
    }
    throw new Error(`the secret ${name} (${scope}) was sealed with another key`);
  }

  async #all(prefix: string): Promise<StoredSecret[]> {
    const secrets: StoredSecret[] = [];
    for await (const { value } of this.#database.list({ prefix })) secrets.push(JSON.parse(value) as StoredSecret);
    return secrets;
  }
}

function mayRead({ allow }: SecretEntry, workflow: string): boolean {
  return allow.length === 0 || allow.some((pattern) => globMatches(pattern, workflow));
}

function labelOf(key: string): Uint8Array {
  return Buffer.from(`value of ${key}`);
}
