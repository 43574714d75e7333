import { basename, sep } from 'node:path';

/**
 * The identity of a workflow file: its path below the last folder named `workflows`, without extension, as in `ops/backup`;
 * just its name when there is no such folder above it.
 */
export function workflowId(path: string): string {
  const parts = path.split(sep);
  const root = parts.lastIndexOf('workflows', parts.length - 2);
  const below = root < 0 ? [basename(path)] : parts.slice(root + 1);
  return below.join('/').replace(/\.(ya?ml)$/i, '');
}
