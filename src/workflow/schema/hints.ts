import { MATRIX_KEYS } from '../matrix/read-matrix.ts';
import type { Path, TreeNode } from '../yaml/tree.ts';

/** Advice for mistakes of type that people make often; undefined when there is none. */
export function hintForType(node: TreeNode | undefined, wanted: readonly string[], path: Path): string | undefined {
  if (path[2] === 'matrix' && MATRIX_KEYS.has(String(path[3]))) return matrixHint(String(path[3]));
  if (wanted.join() === 'boolean' && node?.kind === 'scalar') return booleanHint(node.value);
  if (wanted.includes('array') && node?.kind === 'map') return listHint(path);
  if (wanted.includes('array') && node?.kind === 'scalar')
    return node.value === null ? listHint(path) : `write a list: [${node.value}]`;
  if (wanted.includes('string') && node?.kind === 'scalar') return textHint(node.value);
  if (wanted.includes('object') && path.at(-1) === 'on')
    return 'for example `on: { schedule: [{ cron: "0 3 * * *" }] }`';
  if (wanted.includes('object') && node?.kind === 'list') return 'write `key: value` pairs without dashes';
  return undefined;
}

function matrixHint(key: string): string {
  const form = key === 'max_parallel' ? 'max_parallel: 2' : `${key}: [{ os: linux }]`;
  return `"${key}" is no axis; it is written like this: ${form}`;
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

function textHint(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? `put it in quotes: "${value}"` : undefined;
}

/** What a key of other systems is called here, when the mapping knows it. */
export function foreignKey(key: string, known: readonly string[]): string | undefined {
  const word = FOREIGN_KEYS.get(key) ?? key.replaceAll('-', '_');
  return known.includes(word) ? word : undefined;
}

const FOREIGN_KEYS: ReadonlyMap<string, string> = new Map([
  ['jobs', 'taskGroup'],
  ['steps', 'taskGroup'],
  ['tasks', 'taskGroup'],
  ['task_group', 'taskGroup'],
  ['needs', 'depends_on'],
  ['depends', 'depends_on'],
  ['outputs', 'exports'],
  ['script', 'run'],
  ['strategy', 'matrix'],
  ['command', 'run'],
  ['timeout-minutes', 'timeout'],
  ['working-directory', 'working_dir'],
  ['cwd', 'working_dir'],
  ['envs', 'env'],
  ['environment', 'env'],
  ['cron', 'schedule'],
  ['push', 'github'],
  ['pull_request', 'github'],
]);
