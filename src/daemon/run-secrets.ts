import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretSource } from '../model/extension.ts';
import { MissingSecret, type SecretStore } from '../model/secret-store.ts';
import type { RunRecord } from '../model/state-store.ts';
import type { Workflow } from '../model/workflow.ts';
import type { Vault } from '../util/vault.ts';

/** Where the secrets of runs come from. */
export interface RunSecretsParts {
  readonly store: SecretStore;
  /** Asked, one after the other, for what is not stored. */
  readonly sources: readonly SecretSource[];
  /** Seals what they answered. */
  readonly vault: Vault;
}

/** Finds the secrets of runs: those that are stored, then those that plugins know. */
export class RunSecrets {
  readonly #parts: RunSecretsParts;

  constructor(parts: RunSecretsParts) {
    this.#parts = parts;
  }

  /**
   * The secrets a workflow declares, for one run of it; one that must not see any finds them empty. What plugins say is kept in the
   * folder of the run, when one is given, so that a later daemon takes the run up with the same. Rejects with `MissingSecret` when it cannot
   * have one.
   */
  async of(record: RunRecord, workflow: Workflow, folder: string | null): Promise<ReadonlyMap<string, string>> {
    const { secrets } = workflow;
    if (!record.withSecrets) return new Map(secrets.map((name) => [name, '']));
    const { id, namespace } = rightsOf(record, workflow);
    const { values, missing, denied } = this.#parts.store.valuesFor(id, namespace, secrets);
    const [withheld] = denied;
    if (withheld !== undefined)
      throw new MissingSecret(`secret ${withheld} is not open to workflow ${id}: see runner secret list`);
    if (missing.length === 0) return values;
    const fetched = await this.#fetch(missing, { workflow: id, namespace }, folder, record.header.id);
    const absent = missing.find((name) => !fetched.has(name));
    if (absent === undefined) return new Map([...values, ...fetched]);
    const nobody = this.#parts.sources.length > 0 ? ', and no plugin knows it' : '';
    throw new MissingSecret(`secret ${absent} is declared but not stored${nobody}: runner secret set ${absent}`);
  }

  async #fetch(
    names: readonly string[],
    asker: { readonly workflow: string; readonly namespace: string },
    folder: string | null,
    run: string,
  ): Promise<ReadonlyMap<string, string>> {
    const kept = folder === null ? null : this.#kept(folder, run);
    if (kept && names.every((name) => kept.has(name))) return kept;
    const found = new Map<string, string>();
    for (const source of this.#parts.sources) {
      const open = names.filter((name) => !found.has(name));
      if (open.length > 0) for (const [name, value] of await askOne(source, open, asker)) found.set(name, value);
    }
    if (folder !== null && found.size > 0) this.#keep(folder, run, found);
    return found;
  }

  /** What was kept, or null; what cannot be opened any more is asked for again. */
  #kept(folder: string, run: string): ReadonlyMap<string, string> | null {
    let sealed: Buffer;
    try {
      sealed = readFileSync(fetchedSecretsPath(folder));
    } catch {
      return null;
    }
    const plain = this.#parts.vault.open(sealed, labelOf(run));
    return plain && new Map(Object.entries(JSON.parse(Buffer.from(plain).toString()) as Record<string, string>));
  }

  #keep(folder: string, run: string, values: ReadonlyMap<string, string>): void {
    const plain = Buffer.from(JSON.stringify(Object.fromEntries(values)));
    writeFileSync(fetchedSecretsPath(folder), this.#parts.vault.seal(plain, labelOf(run)), { mode: 0o600 });
  }
}

/** Where a run keeps, sealed, what plugins have said its secrets are. */
export function fetchedSecretsPath(folder: string): string {
  return join(folder, 'secrets');
}

function labelOf(run: string): Uint8Array {
  return Buffer.from(`secrets of run ${run}`);
}

/** A run that was called sees what the workflow may see that all began with. */
function rightsOf({ parent }: RunRecord, workflow: Workflow): { readonly id: string; readonly namespace: string } {
  if (!parent) return workflow;
  const id = parent.rights;
  return { id, namespace: id.includes('/') ? (id.split('/')[0] ?? '') : '' };
}

async function askOne(
  source: SecretSource,
  names: readonly string[],
  asker: { readonly workflow: string; readonly namespace: string },
): Promise<ReadonlyMap<string, string>> {
  try {
    return await source.get(names, asker);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MissingSecret(`the secrets of the plugin "${source.name}" cannot be had: ${why}`);
  }
}
