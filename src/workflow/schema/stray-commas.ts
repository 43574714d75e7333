import type { Reporter } from '../reporter.ts';
import type { MapNode, TreeNode } from '../yaml/tree.ts';

/** Where a task file holds plain names; `*` stands for every item of a list. */
const NAMES = [
  ['name'],
  ['type'],
  ['depends_on'],
  ['depends_on', '*'],
  ['depends_on', '*', 'task'],
  ['imports', '*', 'from'],
  ['imports', '*', 'variable'],
  ['exports', '*', 'name'],
  ['exports', '*', 'scope'],
] as const;

/**
 * Reports commas at the end of names (`name: foo,`), which YAML takes for a part of them, and cuts them off so that what
 * else is wrong can be found.
 */
export function reportStrayCommas(tree: MapNode, reporter: Reporter): void {
  // In a name without quotes such a comma ends the line; most files have none.
  if (!/[\w-],[ \t]*(?:#.*)?$/m.test(reporter.source.text)) return;
  const group = tree.entries.get('taskGroup')?.value;
  if (group?.kind !== 'list') return;
  for (const task of group.items) for (const path of NAMES) cutAt(task, path, reporter);
}

function cutAt(node: TreeNode, [step, ...rest]: readonly string[], reporter: Reporter): void {
  if (step === '*' && node.kind === 'list') {
    for (const [index, item] of node.items.entries()) {
      if (rest.length > 0) cutAt(item, rest, reporter);
      else node.items[index] = cut(item, reporter);
    }
  } else if (step !== undefined && node.kind === 'map') {
    const entry = node.entries.get(step);
    if (entry === undefined) return;
    if (rest.length > 0) cutAt(entry.value, rest, reporter);
    else entry.value = cut(entry.value, reporter);
  }
}

function cut(node: TreeNode, reporter: Reporter): TreeNode {
  if (node.kind !== 'scalar' || node.style !== 'plain' || typeof node.value !== 'string') return node;
  const name = /^([A-Za-z][\w-]*),$/.exec(node.value)?.[1];
  if (name === undefined) return node;
  const comma = { start: node.end - 1, end: node.end };
  reporter.error('stray-comma', comma, `the comma would be a part of the name "${node.value}"`, {
    hint: 'remove it',
    fix: [{ ...comma, text: '' }],
  });
  return { ...node, value: name };
}
