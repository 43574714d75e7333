import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { makeFolder } from '../util/make-folder.ts';
import { readOrMake } from '../util/make-once.ts';
import { VAULT_SECRET_BYTES } from '../util/vault.ts';

/**
 * The secret of a state directory, made at first use, readable by its owner only. Processes that make it at the same time
 * agree on one. @throws when it cannot be read or made, or is not a key
 */
export function readKeyFile(path: string): Uint8Array {
  makeFolder(dirname(path));
  const secret = readOrMake(path, () => randomBytes(VAULT_SECRET_BYTES));
  if (secret.length !== VAULT_SECRET_BYTES) throw new Error(`${path} is not a key; remove it to begin with a new one`);
  return secret;
}
