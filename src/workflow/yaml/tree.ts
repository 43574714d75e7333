import type { Range } from '../source.ts';

/** What a file says, with the place of everything: aliases followed, merges done, keys unique. */
export type TreeNode = ScalarNode | ListNode | MapNode;

/** How a scalar is written. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

/** A single value. */
export interface ScalarNode extends Range {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly style: ScalarStyle;
  /** True for a value that was reported already and stands here only to keep its place. */
  readonly broken?: true;
}

/** A list. */
export interface ListNode extends Range {
  readonly kind: 'list';
  readonly items: TreeNode[];
}

/** A mapping, in file order. */
export interface MapNode extends Range {
  readonly kind: 'map';
  readonly entries: Map<string, MapEntry>;
  /** Keys that were taken out because they or their values are wrong. */
  readonly dropped: Set<string>;
}

/** A key's place and its value. */
export interface MapEntry {
  readonly key: Range;
  value: TreeNode;
}

/** Keys and indexes from the top of a file down to a value. */
export type Path = readonly (string | number)[];

/** The node at a path, or undefined. */
export function nodeAt(root: TreeNode, path: Path): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const step of path) node = node && child(node, step);
  return node;
}

/** The place of the last key of a path; for an item of a list, or a path that does not exist, the nearest thing above. */
export function keyRange(root: TreeNode, path: Path): Range {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (parent === undefined) return path.length > 1 ? keyRange(root, path.slice(0, -1)) : root;
  if (parent.kind === 'map') return parent.entries.get(String(last))?.key ?? parent;
  if (parent.kind === 'list') return parent.items[Number(last)] ?? parent;
  return parent;
}

/** The plain data of a node, objects without a prototype. */
export function toData(node: TreeNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toData);
  const data: Record<string, unknown> = Object.create(null);
  for (const [key, { value }] of node.entries) data[key] = toData(value);
  return data;
}

function child(node: TreeNode, step: string | number): TreeNode | undefined {
  if (node.kind === 'map') return node.entries.get(String(step))?.value;
  return node.kind === 'list' ? node.items[Number(step)] : undefined;
}
