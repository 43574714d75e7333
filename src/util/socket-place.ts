import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** The most bytes a socket's path may have, with room for the ending zero on every system. */
const LONGEST_PATH = 103;

/**
 * A path by which a socket in a folder can be bound or reached, however deep the folder is: a path that is too long goes
 * through a descriptor of the folder, where the system has /proc. It holds until `close`.
 */
export function socketPlace(folder: string, name: string): { readonly path: string; close(): void } {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= LONGEST_PATH) return { path, close: () => {} };
  const descriptor = openSync(folder, 'r');
  return { path: `/proc/self/fd/${descriptor}/${name}`, close: () => closeSync(descriptor) };
}
