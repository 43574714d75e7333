import { posix } from 'node:path';

/**
 * The id of the workflow that the file `caller` (an id) calls `target`: an id, or a path from the caller's own folder when it begins with
 * a dot. An extension is left out. Null when it leaves the folder of workflows.
 */
export function calledId(caller: string, target: string): string | null {
  const path = /^\.\.?\//.test(target) ? posix.join(posix.dirname(caller), target) : posix.normalize(target);
  const id = path.replace(/\.ya?ml$/i, '');
  return /^(\/|\.\.(\/|$)|\.?$)/.test(id) || id.endsWith('/') ? null : id;
}
