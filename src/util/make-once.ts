import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/**
 * The content of a file, which is made, readable by its owner only, when it is not there. It is whole or not there, whatever happens
 * meanwhile; those who make it at the same time agree on one. @throws when it can be neither read nor made
 */
export function readOrMake(path: string, make: () => string | Uint8Array): Buffer {
  return readIfThere(path) ?? makeOnce(path, make());
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Written aside and linked into place: the first one stays. */
function makeOnce(path: string, content: string | Uint8Array): Buffer {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(aside, content, { mode: 0o600, flag: 'wx' });
    linkSync(aside, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
  return readFileSync(path);
}
