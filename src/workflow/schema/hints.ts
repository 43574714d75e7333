import type { Path, TreeNode } from '../yaml/tree.ts';

/** Advice for mistakes of type that people make often; undefined when there is none. */
export function hintForType(node: TreeNode | undefined, wanted: readonly string[], path: Path): string | undefined {
  if (wanted.join() === 'boolean' && node?.kind === 'scalar') return booleanHint(node.value);
  if (wanted.includes('array') && node?.kind === 'map') return listHint(path);
  if (wanted.includes('array') && node?.kind === 'scalar') return `write a list: [${String(node.value ?? '')}]`;
  if (wanted.includes('string') && node?.kind === 'scalar') return textHint(node.value, path);
  if (wanted.includes('object') && path.at(-1) === 'on')
    return 'for example `on: { schedule: [{ cron: "0 3 * * *" }] }`';
  if (wanted.includes('object') && node?.kind === 'list') return 'write `key: value` pairs without dashes';
  return undefined;
}

function booleanHint(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'write true or false';
  if (/^(true|false)\s*\/\//.test(value)) return 'comments begin with #, not with //';
  if (/^(true|false)$/i.test(value)) return 'write it without quotes';
  return 'write true or false';
}

function listHint(path: Path): string | undefined {
  return path[0] === 'on' ? 'every kind of trigger is a list: begin each entry with "- "' : 'begin each item with "- "';
}

function textHint(value: unknown, path: Path): string | undefined {
  if (path.at(-1) === 'mode') return 'put it in quotes: mode: "0644"';
  return typeof value === 'number' || typeof value === 'boolean' ? `put it in quotes: "${value}"` : undefined;
}
