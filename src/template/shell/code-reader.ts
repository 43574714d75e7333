import { type Command, forEachChild, type Redirection, type SyntaxNode } from 'unbash';
import { MAX_FOLLOWED } from '../limits.ts';
import type { Argument } from './argument.ts';
import { judgeCommand } from './judge.ts';
import { Places } from './places.ts';
import type { ScriptFacts } from './script-facts.ts';
import { argumentOf } from './word-argument.ts';

/** The name of a command in a part of a script that would run that part's standard input as code, or null. */
export function codeReader(node: SyntaxNode, facts: ScriptFacts): string | null {
  return find(node, facts, new Set());
}

/** The same for a function that a command calls. */
export function calledReader(command: Command, facts: ScriptFacts): string | null {
  const seen = new Set<string>();
  const called = calledFunction(command, facts, seen);
  return called && find(called, facts, seen);
}

/** The same for a `>(…)` or coprocess anywhere in a script: any command may write to it. */
export function outputReader(node: SyntaxNode, facts: ScriptFacts): string | null {
  const isOutput = node.type === 'Coproc' || (node.type === 'ProcessSubstitution' && node.operator === '>');
  let found = isOutput ? codeReader(node, facts) : null;
  forEachChild(node, (child) => {
    found ??= outputReader(child, facts);
  });
  return found;
}

function find(node: SyntaxNode, facts: ScriptFacts, seen: Set<string>): string | null {
  if (node.type === 'Command') {
    if (node.redirects.some(givesInput)) return null;
    const own = judgeCommand(wordsOf(node), { inShell: true, arrays: facts.arrays }).runsInput;
    if (own !== null) return own;
    const called = calledFunction(node, facts, seen);
    if (called) return seen.size > MAX_FOLLOWED ? (node.name?.value ?? null) : find(called, facts, seen);
  }
  let found: string | null = null;
  forEachChild(node, (child) => {
    found ??= find(child, facts, seen);
  });
  return found;
}

/** A function runs where it is called; each is looked at once. */
function calledFunction(command: Command, facts: ScriptFacts, seen: Set<string>): SyntaxNode | null {
  const name = command.name?.value ?? '';
  const body = facts.functions.get(name);
  if (!body || seen.has(name)) return null;
  seen.add(name);
  return body;
}

function givesInput(redirection: Redirection): boolean {
  const { descriptor } = redirection;
  const isInput = descriptor === undefined || (descriptor.type === 'FileDescriptor' && descriptor.value === 0);
  return isInput && (redirection.type !== 'Redirect' || redirection.operator.startsWith('<'));
}

const NO_PLACES = new Places({ text: '', markers: [] }, () => false);

function wordsOf(command: Command): readonly Argument[] {
  return command.name ? [command.name, ...command.args].map((word) => argumentOf(word, NO_PLACES)) : [];
}
