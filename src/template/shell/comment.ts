import { forEachChild, type SyntaxNode } from 'unbash';
import type { MarkedScript, Marker } from './marked-script.ts';

/** Nodes that hold other nodes: what stands in one of them and in none of those is blank, a keyword, an operator or a comment. */
const CONTAINERS = new Set<SyntaxNode['type']>([
  'Script',
  'Statement',
  'CompoundList',
  'Pipeline',
  'AndOr',
  'Command',
  'Redirected',
  'If',
  'Elif',
  'For',
  'While',
  'Select',
  'Case',
  'CaseItem',
  'Function',
  'Coproc',
  'Subshell',
  'BraceGroup',
  'ArrayValue',
]);

/** Whether a reference that stands in no word of the script stands in a comment. */
export function isInComment(script: SyntaxNode, { text }: MarkedScript, marker: Marker): boolean {
  const lineStart = text.lastIndexOf('\n', marker.start) + 1;
  for (let at = text.indexOf('#', lineStart); at !== -1 && at < marker.start; at = text.indexOf('#', at + 1)) {
    const beginsToken = at === lineStart || /[\s;&|()]/.test(text[at - 1] ?? '');
    if (beginsToken && isBetweenNodes(script, at) && isBetweenNodes(script, marker.start)) return true;
  }
  return false;
}

function isBetweenNodes(script: SyntaxNode, offset: number): boolean {
  let innermost = script;
  for (let next: SyntaxNode | null = script; next; next = childAt(innermost, offset)) innermost = next;
  return CONTAINERS.has(innermost.type);
}

function childAt(node: SyntaxNode, offset: number): SyntaxNode | null {
  let found: SyntaxNode | null = null;
  forEachChild(node, (child) => {
    if (child.pos <= offset && offset < child.end) found ??= child;
  });
  return found;
}
