import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { readKeyFile } from '../store/key-file.ts';
import type { DatabaseSecrets } from '../store/secrets.ts';
import { Vault } from '../util/vault.ts';

/**
 * What secrets may be sealed with, the newest first: the key that is about to replace the others, the one made by the last `rekey`,
 * and the key of the whole state, where there was none.
 */
export function secretVaults(file: string, whole: Vault): readonly [Vault, ...Vault[]] {
  const keys = [nextTo(file), file].filter((path) => existsSync(path));
  const [first, ...others] = [...keys.map((path) => new Vault(readKeyFile(path))), whole];
  if (!first) throw new Error('Internal error: no key for secrets');
  return [first, ...others];
}

/**
 * Seals all secrets with a new key, which takes the place of the one in the file. Both keys are on the disk until everything is
 * sealed with the new one, so that a crash loses nothing; what a crash left is seen through by the next call. Resolves to how many
 * secrets there are.
 */
export async function rekeySecrets(file: string, secrets: DatabaseSecrets): Promise<number> {
  const next = nextTo(file);
  const vault = new Vault(readKeyFile(next));
  for (const path of [next, dirname(file)]) sync(path);
  const count = await secrets.rekey(vault);
  renameSync(next, file);
  sync(dirname(file));
  return count;
}

function nextTo(file: string): string {
  return `${file}.new`;
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
