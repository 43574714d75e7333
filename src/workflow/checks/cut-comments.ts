import type { Range } from '../source.ts';
import type { TreeNode } from '../yaml/tree.ts';
import type { CheckedFile } from './check.ts';

const TEXT_KEYS = ['run', 'command', 'if', 'text', 'description'];

/** Text after ` #` in a value without quotes is a comment; where it looks meant, that is said. */
export function checkCutComments(file: CheckedFile): void {
  for (const index of file.data.taskGroup.keys()) {
    for (const key of TEXT_KEYS) warnIfCut(file, file.node('taskGroup', index, key));
    warnIfCut(file, file.node('taskGroup', index, 'spec', 'command'));
    const env = file.node('taskGroup', index, 'env');
    if (env?.kind === 'map') for (const { value } of env.entries.values()) warnIfCut(file, value);
  }
}

function warnIfCut(file: CheckedFile, node: TreeNode | undefined): void {
  if (node?.kind !== 'scalar' || node.style !== 'plain' || typeof node.value !== 'string') return;
  const { text } = file.reporter.source;
  const line = file.reporter.source.lineRange(node.end);
  const rest = /^\s+(#[^\s#!].*)$/.exec(text.slice(node.end, line.end));
  if (rest?.[1] === undefined) return;
  const range: Range = { start: line.end - rest[1].length, end: line.end };
  file.reporter.warning('cut-comment', range, 'this is a comment and not part of the value', {
    hint: 'put the whole value in quotes, or use a block with |, if it belongs to it',
  });
}
