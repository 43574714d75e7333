import type { SchemaError } from '../../model/ports.ts';
import { type ListNode, type MapNode, nodeAt, type Path, type TreeNode } from '../yaml/tree.ts';
import { errorPath, isEcho } from './schema-errors.ts';

/**
 * Takes out of a tree whatever a schema found wrong, so that what is left can be looked at as if it were right. False
 * when the whole is wrong.
 */
export function prune(tree: MapNode, errors: readonly SchemaError[]): boolean {
  const items = new Map<ListNode, Set<number>>();
  for (const error of errors) {
    if (isEcho(error)) continue;
    const path = wrongPath(error);
    if (path.length === 0) return false;
    dropAt(nodeAt(tree, path.slice(0, -1)), path.at(-1), items);
  }
  for (const [list, indexes] of items) {
    const kept = list.items.filter((_item, index) => !indexes.has(index));
    list.items.splice(0, list.items.length, ...kept);
  }
  return true;
}

function wrongPath(error: SchemaError): Path {
  const path = errorPath(error);
  const key = error.params.additionalProperty ?? error.params.propertyName;
  return typeof key === 'string' ? [...path, key] : path;
}

function dropAt(
  parent: TreeNode | undefined,
  step: string | number | undefined,
  items: Map<ListNode, Set<number>>,
): void {
  if (parent?.kind === 'map') {
    parent.entries.delete(String(step));
    parent.dropped.add(String(step));
  } else if (parent?.kind === 'list') {
    const indexes = items.get(parent) ?? new Set();
    items.set(parent, indexes.add(Number(step)));
  }
}
