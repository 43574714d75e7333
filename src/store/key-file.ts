import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { VAULT_SECRET_BYTES } from '../util/vault.ts';

/**
 * The secret of a state directory, made at first use, readable by its owner only. Processes that make it at the same time
 * agree on one. @throws when it cannot be read or made, or is not a key
 */
export function readKeyFile(path: string): Uint8Array {
  const secret = readIfThere(path) ?? makeKeyFile(path);
  if (secret.length !== VAULT_SECRET_BYTES) throw new Error(`${path} is not a key; remove it to begin with a new one`);
  return secret;
}

function readIfThere(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Written aside and linked into place: a key file is whole or not there, and the first one stays. */
function makeKeyFile(path: string): Uint8Array {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(aside, randomBytes(VAULT_SECRET_BYTES), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(aside, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
  return readFileSync(path);
}
